"""Screen of all pledges: their state, filters and every change to a pledge."""

import streamlit as st

from app import pledges
from app.db import transaction
from app.ui.base.formats import count, money
from app.ui.base.session import current_actor, today
from app.ui.dashboard import kpis
from app.ui.donors.labels import PLEDGE_STATES
from app.ui.exports import downloads
from app.ui.pledges import list as pledge_list
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.widgets import forms, import_filter, tables

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
    owed = pledges.behind(db, late, today=today())

st.caption(
    f"{count(len(all_pledges), 'running pledge')} today; a pledge is added on a donor's page"
)
if all_pledges:
    with st.container(horizontal=True, key="figures_pledges"):
        if actor.sees_amounts:
            st.metric("Promised a month", money(support.amount), border=True)
        st.metric("Late now", f"{len(late):,}", border=True)
        if actor.sees_amounts:
            st.metric("Amount behind", money(owed.amount), border=True)
    kpis.show_notes(list(dict.fromkeys(pledges.notes((*support.uncounted, *owed.uncounted)))))

gift_suggestions.show()
of_import = import_filter.ask()
with st.container(horizontal=True, vertical_alignment="bottom"):
    states = st.multiselect(
        "Status",
        pledges.STATES,
        key="standing",
        bind="query-params",
        placeholder="All running",
        format_func=lambda state: PLEDGE_STATES[state][1],
        width=320,
    )
    sort = st.selectbox(
        "Sorted by", pledge_list.sorts(actor), key="sort", bind="query-params", width=190
    )

# the pledges of an import are listed whether they run or have ended
includes_ended = of_import.import_id is not None or bool(set(states) & set(OVER))
row_filter = pledges.PledgeFilter(
    statuses=() if includes_ended else RUNNING,
    states=tuple(states),
    import_id=of_import.import_id,
    import_rows=of_import.rows,
)
if includes_ended:
    with transaction(actor) as db:
        matching = pledges.pledge_statuses(db, actor, today=today(), filter=row_filter)
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
    )
elif not matching:
    tables.show_empty("filter_alt_off", "No pledge has this status. Remove the filter to see all.")
else:
    with export:
        downloads.show_export_of_rows("pledges", row_filter)
    pledge_list.show(pledge_list.SORTS[sort](matching), key=LIST, today=today(), with_name=True)
