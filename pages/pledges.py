"""Screen of all pledges: their state, filters and every change to a pledge."""

import streamlit as st

from app import gifts, pledges
from app.db import replica, transaction
from app.ui.base.formats import count, money, number
from app.ui.base.session import current_actor, today
from app.ui.dashboard import kpis
from app.ui.exports import downloads
from app.ui.pledges import list as pledge_list
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import forms, import_filter, tables
from app.ui.widgets.purposes import ask_purpose_filter
from app.ui.widgets.url_filters import UrlFilters

LIST = "pledge_list"
RUNNING = ("active", "paused")
OVER = ("completed", "cancelled")

forms.announce()
actor = current_actor()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Pledges", width="stretch")
    export = st.container(width="content")

with transaction(actor) as db:
    all_pledges = pledges.pledge_statuses(
        db, actor, today=today(), filter=pledges.PledgeFilter(statuses=RUNNING)
    )
    support = pledges.monthly_support(db, actor, today=today())
    late = [line for line in all_pledges if line.late]
    owed = pledges.behind(db, late, today=today(), locale=actor.locale)
    funds = {fund.fund_id: fund.name for fund in gifts.funds(db)}
    campaigns = {campaign.campaign_id: campaign.name for campaign in gifts.campaigns(db)}

st.caption(
    f"{count(len(all_pledges), 'running pledge')} today; a pledge is added on a donor's page"
)
if all_pledges:
    with st.container(horizontal=True, key="figures_pledges"):
        if actor.sees_amounts:
            st.metric("Promised a month", money(support.amount), border=True)
        st.metric("Late now", f"{number(len(late))}", border=True)
        if actor.sees_amounts:
            st.metric("Amount behind", money(owed.amount), border=True)
    kpis.show_notes(list(dict.fromkeys(pledges.notes((*support.uncounted, *owed.uncounted)))))

gift_suggestions.show()
filters = UrlFilters()
of_import = import_filter.ask(filters)
with st.container(horizontal=True, vertical_alignment="bottom"):
    states = filters.several(pledge_list.STATES, width=260, placeholder="All running")
    fund = ask_purpose_filter(filters, "fund", funds) if funds else None
    campaign = ask_purpose_filter(filters, "campaign", campaigns) if campaigns else None
    sort = filters.choice(pledge_list.sorts(actor), width=150) or pledge_list.FIRST_SORT
filters.show_refused()

# the pledges of an import are listed whether they run or have ended
includes_ended = of_import.import_id is not None or bool(set(states) & set(OVER))
row_filter = pledges.PledgeFilter(
    statuses=() if includes_ended else RUNNING,
    states=tuple(states),
    fund_id=fund,
    campaign_id=campaign,
    import_id=of_import.import_id,
    import_rows=of_import.rows,
)
if includes_ended or fund or campaign:
    matching = replica.read(
        actor,
        lambda db: pledges.pledge_statuses(db, actor, today=today(), filter=row_filter),
    )
else:
    matching = [line for line in all_pledges if not states or line.state in states]

if not matching and of_import.import_id is not None:
    import_filter.show_empty(of_import, "pledge")
elif not matching and not all_pledges and not includes_ended:
    tables.show_empty(
        "event_repeat",
        "No pledges yet. Import a file, or open a donor and choose “New pledge”.",
        action="Import a file",
        opens="import_file",
        guide="pledges",
    )
elif not matching and (fund or campaign):
    tables.show_empty("filter_alt_off", "No pledge matches. Remove a filter to see more.")
elif not matching:
    tables.show_empty("filter_alt_off", "No pledge has this status. Remove the filter to see all.")
else:
    with export:
        downloads.show_export_of_rows("pledges", row_filter)
    pledge_list.show(pledge_list.SORTS[sort](matching), key=LIST, today=today(), with_name=True)
