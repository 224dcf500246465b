"""Screen of all pledges: their state, filters and every change to a pledge."""

import streamlit as st

from app import pledges
from app.db import transaction
from app.ui.base.formats import count, money
from app.ui.base.session import current_actor, today
from app.ui.dashboard import kpis
from app.ui.donors.labels import STANDING
from app.ui.exports import downloads
from app.ui.pledges import list as pledge_list
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import forms, tables

LIST = "pledge_list"
RUNNING = ("active", "paused")
OVER = ("completed", "cancelled")

forms.announce()
actor = current_actor()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Pledges", width="stretch")
    export = st.container(width="content")

with transaction(actor) as db:
    everything = pledges.pledge_statuses(
        db, actor, today=today(), filter=pledges.PledgeFilter(statuses=RUNNING)
    )
    support = pledges.monthly_support(db, actor, today=today())
    late = [line for line in everything if line.late]
    owed = pledges.behind(db, late, today=today())

st.caption(
    f"{count(len(everything), 'running pledge')} today; a pledge is added on a donor's page"
)
if everything:
    with st.container(horizontal=True, key="figures_pledges"):
        if actor.sees_amounts:
            st.metric("Promised a month", money(support.amount), border=True)
        st.metric("Late now", f"{len(late):,}", border=True)
        if actor.sees_amounts:
            st.metric("Amount behind", money(owed.amount), border=True)
    kpis.notes(list(dict.fromkeys(pledges.notes((*support.uncounted, *owed.uncounted)))))

gift_suggestions.offer()
with st.container(horizontal=True, vertical_alignment="bottom"):
    states = st.multiselect(
        "Status",
        pledges.STATES,
        key="standing",
        bind="query-params",
        placeholder="All running",
        format_func=lambda one: STANDING[one][1],
        width=320,
    )
    sort = st.selectbox(
        "Sorted by", pledge_list.sorts(actor), key="sort", bind="query-params", width=190
    )

over = bool(set(states) & set(OVER))
if over:
    with transaction(actor) as db:
        everything += pledges.pledge_statuses(
            db, actor, today=today(), filter=pledges.PledgeFilter(statuses=OVER)
        )
shown = [line for line in everything if not states or line.state in states]

if not everything:
    tables.nothing(
        "event_repeat",
        "No pledges yet. Bring in a file, or open a donor and choose “New pledge”.",
        action="Import a file",
        opens="import_file",
    )
elif not shown:
    tables.nothing(
        "filter_alt_off", "No pledge stands like that. Take the filter away to see all."
    )
else:
    with export:
        running = () if over else RUNNING
        downloads.these("pledges", pledges.PledgeFilter(statuses=running, states=tuple(states)))
    pledge_list.show(pledge_list.SORTS[sort](shown), key=LIST, today=today(), with_name=True)
