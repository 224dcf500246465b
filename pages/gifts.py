"""Screen of all gifts: filters, totals, and thanking in one click."""

import streamlit as st

from app import gifts
from app.db import replica, transaction
from app.ui.base.formats import count, money, number
from app.ui.base.session import current_actor, today
from app.ui.exports import downloads
from app.ui.gifts import bulk, filters
from app.ui.gifts import forms as gift_forms
from app.ui.gifts import list as gift_list
from app.ui.widgets import forms, import_filter, pagination, rate_filter, tables

LIST, SIZE = "gift_list", 50

forms.announce()
actor = current_actor()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Gifts", width="stretch")
    if gift_list.may_record() and st.button(
        "Record gift", type="primary", icon=":material/redeem:"
    ):
        gift_forms.record()
    export = st.container(width="content")

with transaction(actor) as db:
    funds = {fund.fund_id: fund.name for fund in gifts.funds(db)}
    campaigns = {campaign.campaign_id: campaign.name for campaign in gifts.campaigns(db)}
    start_month = gift_list.fiscal_start(db)

gift_filter, sort = filters.ask_filter_and_sort(
    actor, funds, campaigns, start_month=start_month, today=today()
)
cursor = pagination.cursor(
    LIST,
    (gift_filter, sort),
    gifts.Cursor,
    find=lambda pages: replica.read(
        actor,
        lambda db: gifts.cursor_at(db, actor, filter=gift_filter, sort=sort, skip=pages * SIZE),
    ),
)
page, waiting = replica.read(
    actor,
    lambda db: (
        gifts.page(db, actor, filter=gift_filter, sort=sort, after=cursor),
        gifts.awaiting_rate(db, actor, filter=gift_filter),
    ),
)

bulk.show_undo()
if not page.lines and gift_filter == gifts.GiftFilter():
    tables.show_empty(
        "redeem",
        "No gifts yet. Import a file, or record the first gift with the button above.",
        action="Import a file",
        opens="import_file",
        guide="gifts",
    )
elif not page.lines and gift_filter.import_id is not None:
    chosen = import_filter.ImportFilter(gift_filter.import_id, gift_filter.import_rows)
    import_filter.show_empty(chosen, "gift")
elif not page.lines:
    tables.show_empty(
        "filter_alt_off", "No gift matches. Choose a longer period, or remove a filter."
    )
else:
    with export:
        downloads.show_export_of_rows("gifts", gift_filter)
    with st.container(horizontal=True, key="figures_gifts"):
        st.metric("Together", money(page.total), border=True)
        st.metric("Gifts", f"{number(page.gifts)}", border=True)
        st.metric("From", count(page.donors, "donor"), border=True)
    rate_filter.show_waiting(waiting, link=gift_filter.awaiting_rate is None)
    bulk.show_bar(page, gift_filter, key=f"{LIST}_table")
    gift_list.show(
        page.lines,
        key=LIST,
        today=today(),
        with_name=True,
        whole=pagination.is_whole(LIST, page.next),
        sort=filters.SORT_LABELS[sort].lower(),
        select=gift_list.may_record(),
    )
    pagination.show_controls(
        LIST,
        size=SIZE,
        shown=len(page.lines),
        total=page.gifts,
        next_cursor=page.next,
        in_url=True,
    )
