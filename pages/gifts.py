"""Screen of all gifts: filters, totals, and thanking in one click."""

from datetime import timedelta

import streamlit as st

from app import gifts
from app.db import transaction
from app.kit.days import Span, fiscal_to_date, month_of, trailing_year
from app.ui.base.formats import count, money
from app.ui.base.session import current_actor, today
from app.ui.exports import downloads
from app.ui.gifts import forms as gift_forms
from app.ui.gifts import list as gift_list
from app.ui.widgets import forms, pagination, tables

LIST = "gift_list"
THANKED = {"yes": "Thanked", "no": "Not thanked yet"}

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
    start_month = gift_list.fiscal_start(db)
PERIODS: dict[str, Span | None] = {
    "all": None,
    "month": month_of(today()),
    "last month": month_of(month_of(today()).start - timedelta(days=1)),
    "year": fiscal_to_date(today(), start_month),
    "12 months": trailing_year(today()),
}
SPELLED = {
    "all": "Any time",
    "month": "This month",
    "last month": "Last month",
    "year": "This fiscal year",
    "12 months": "Last 12 months",
}

with st.container(horizontal=True, vertical_alignment="bottom"):
    period = st.selectbox(
        "When",
        list(PERIODS),
        key="period",
        bind="query-params",
        width=160,
        format_func=SPELLED.__getitem__,
    )
    fund = st.selectbox(
        "Fund",
        list(funds),
        index=None,
        key="fund",
        bind="query-params",
        width=165,
        format_func=funds.__getitem__,
        placeholder="Any fund",
    )
    method = st.selectbox(
        "How",
        gifts.METHODS,
        index=None,
        key="method",
        bind="query-params",
        width=150,
        format_func=str.capitalize,
        placeholder="Any way",
    )
    thanked = st.selectbox(
        "Thanked",
        list(THANKED),
        index=None,
        key="thanked",
        bind="query-params",
        width=165,
        format_func=THANKED.__getitem__,
        placeholder="All",
    )
    query = st.text_input(
        "Donor",
        key="query",
        type="search",
        live=True,
        bind="query-params",
        width=195,
        icon=":material/search:",
        placeholder="Name or e-mail",
    )

chosen = gifts.GiftFilter(
    span=PERIODS[period],
    fund_id=fund,
    method=method,
    thanked=None if thanked is None else thanked == "yes",
    query=query or "",
)
after = pagination.cursor(LIST, chosen)
with transaction(actor) as db:
    page = gifts.page(db, actor, filter=chosen, after=after)

if not page.lines and chosen == gifts.GiftFilter():
    tables.nothing(
        "redeem",
        "No gifts yet. Bring in a file, or record the first gift with the button above.",
        action="Import a file",
        opens="import_file",
    )
elif not page.lines:
    tables.nothing("filter_alt_off", "No gift fits. Choose a longer time or take a filter away.")
else:
    with export:
        downloads.these("gifts", chosen)
    with st.container(horizontal=True, key="figures_gifts"):
        st.metric("Together", money(page.total), border=True)
        st.metric("Gifts", f"{page.gifts:,}", border=True)
        st.metric("From", count(page.donors, "donor"), border=True)
    gift_list.show(page.lines, key=LIST, today=today(), with_name=True)
    pagination.controls(
        LIST, size=50, shown=len(page.lines), total=page.gifts, following=page.next
    )
