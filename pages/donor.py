"""One donor: who they are, how they give, everything that happened, and what to do next."""

import streamlit as st

from app import donors, gifts, pledges, tasks
from app.db import transaction, transaction_for_system
from app.kit.errors import NotFoundError
from app.ui import (
    charts,
    donor_chart,
    donor_head,
    donor_private,
    donor_tasks,
    figures,
    forms,
    forms_donor,
    forms_gift,
    forms_pledge,
    gift_links,
    gift_list,
    paging,
    pledge_list,
    tables,
    theme,
)
from app.ui.session import current_actor, today

forms.announce()
actor = current_actor()
wanted = str(st.query_params.get("id", ""))
donor_id = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 18 else 0  # noqa: PLR2004

try:
    with transaction(actor) as db:
        view = donors.get(db, actor, donor_id, today=today())
        events = donors.timeline(db, actor, donor_id)
        promises = pledges.standings(db, actor, today=today(), donor_id=donor_id)
        late = pledges.late(db, actor, today=today(), donor_ids=[donor_id])
        to_do = tasks.for_donor(db, actor, donor_id=donor_id)
        months = donor_chart.months(db, actor, donor_id, today=today())
        left_out = donor_chart.notes(db, actor, donor_id, today=today())
        chosen = gifts.GiftFilter(donor_id=donor_id)
        after = paging.cursor(f"donor_gifts_{donor_id}", chosen)
        given = gifts.page(db, actor, filter=chosen, after=after)
    # written down of a View as too, in which nothing else can be
    with transaction_for_system(actor) as db:
        donors.note_look(db, actor, donor_id=donor_id)
except NotFoundError as error:
    st.title("Donor")
    tables.nothing("person_off", str(error), action="All donors", opens="donors")
    st.stop()

donor_head.draw(view, [one.sentence for one in late], today=today())
with st.container(horizontal=True):
    if view.giftable and st.button("Record gift", type="primary", icon=":material/redeem:"):
        forms_gift.record(donor_id, view.name)
    if view.editable:
        if st.button("Log a contact", icon=":material/call:"):
            forms_donor.log_contact(donor_id, view.name)
        if actor.sees_amounts and st.button("New pledge", icon=":material/event_repeat:"):
            forms_pledge.create(donor_id, view.name)
        if st.button("Add task", icon=":material/task_alt:"):
            forms_donor.add_task(donor_id, view.name)
        if st.button("Edit", icon=":material/edit:"):
            forms_donor.edit(view)
donor_tasks.show(to_do, actor)
right = st.container()
if actor.sees_amounts:
    donor_head.figures(view, today=today())
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"):
        st.subheader("Giving by month")
        if view.gifts:
            charts.show(
                charts.donor_months(months, theme.palette()),
                key="donor_months",
                alt=charts.sentence_of_months(months, None),
            )
            figures.notes(left_out)
        else:
            tables.nothing("redeem", "Nothing given yet. The first gift will stand here.")
with right, st.container(border=True, height="stretch"):
    st.subheader("What happened")
    donor_head.timeline(events, today=today())

st.subheader("Pledges")
if promises:
    pledge_list.show(promises, key="donor_pledges", today=today())
else:
    tables.nothing("event_repeat", "Nothing promised. “New pledge” writes a promise down.")

if actor.sees_amounts:
    gift_links.offer(donor_id=donor_id)
    st.subheader("Gifts")
    if given.lines:
        gift_list.show(given.lines, key="donor_gifts", today=today())
        paging.controls(
            f"donor_gifts_{donor_id}",
            size=50,
            shown=len(given.lines),
            total=given.gifts,
            following=given.next,
        )
    else:
        tables.nothing("redeem", "No gifts yet.")
donor_private.section(view, actor)
