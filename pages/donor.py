"""Screen of one donor: contact data, giving, timeline, pledges, gifts and tasks."""

import streamlit as st

from app import donors, gifts, pledges, tasks
from app.db import transaction, transaction_for_system
from app.kit.errors import NotFoundError
from app.ui.base.session import current_actor, today
from app.ui.charts import donor_months, giving_card
from app.ui.dashboard import kpis, next_step
from app.ui.donors import activity_forms
from app.ui.donors import care_requests as donor_requests
from app.ui.donors import contacts as donor_contacts
from app.ui.donors import forms as donor_forms
from app.ui.donors import header as donor_header
from app.ui.donors import household as donor_household
from app.ui.donors import privacy as donor_privacy
from app.ui.donors import tags as donor_tags
from app.ui.donors import tasks as donor_tasks
from app.ui.donors.history import timeline
from app.ui.gifts import forms as gift_forms
from app.ui.gifts import list as gift_list
from app.ui.gifts import soft_credits
from app.ui.pledges import creation as new_pledge
from app.ui.pledges import list as pledge_list
from app.ui.pledges import suggestions as gift_suggestions
from app.ui.shell import frame
from app.ui.widgets import forms, pagination, tables, url_filters

forms.announce()
actor = current_actor()
donor_id = url_filters.record_id(str(st.query_params.get("id", ""))) or 0

try:
    with transaction(actor) as db:
        view = donors.get(db, actor, donor_id, today=today())
        fields = donors.custom_fields(db)
        promises = pledges.pledge_statuses(db, actor, today=today(), donor_id=donor_id)
        late = pledges.late(db, actor, today=today(), donor_ids=[donor_id])
        step = next_step.find(db, actor, donor_id, today=today())
        open_tasks = tasks.for_donor(db, actor, donor_id=donor_id)
        months = donor_months.months(db, actor, donor_id, late=late, today=today())
        omissions = donor_months.notes(db, actor, donor_id, today=today())
        gift_filter = gifts.GiftFilter(donor_id=donor_id)
        cursor = pagination.cursor(f"donor_gifts_{donor_id}", gift_filter, gifts.Cursor)
        donor_gifts = gifts.page(db, actor, filter=gift_filter, after=cursor)
        waiting = gifts.awaiting_rate(db, actor, filter=gift_filter)
    # the access is logged also during impersonation ("View as"), which is otherwise read-only
    with transaction_for_system(actor) as db:
        donors.log_view(db, actor, donor_id=donor_id)
except NotFoundError as error:
    st.title("Donor")
    tables.show_empty("person_off", str(error), action="All donors", opens="donors")
    st.stop()

frame.show_way_back("donors", view.name)
donor_header.draw(view, [pledge.sentence for pledge in late], fields, today=today())
next_step.show(step, donor_id, actor, today=today())
with st.container(horizontal=True):
    if view.giftable and st.button("Record gift", type="primary", icon=":material/redeem:"):
        gift_forms.record(donor_id, view.name)
    if view.editable:
        if st.button("Log a contact", icon=":material/call:"):
            activity_forms.log_contact(donor_id, view.name)
        if actor.sees_amounts and st.button("New pledge", icon=":material/event_repeat:"):
            new_pledge.create(donor_id, view.name)
        if st.button("Add task", icon=":material/task_alt:"):
            activity_forms.add_task(donor_id, view.name)
        if "requests" in actor.modules and st.button(
            "Add request", icon=f":material/{donor_requests.ICON}:"
        ):
            donor_requests.add(donor_id, view.name)
        if st.button("Tags", icon=":material/sell:"):
            donor_tags.edit(view)
        if st.button("Edit", icon=":material/edit:"):
            donor_forms.edit(view)
donor_contacts.show(view)
donor_tasks.show(open_tasks, actor)
if "requests" in actor.modules:
    donor_requests.show(donor_id, actor)
if actor.sees_amounts:
    donor_header.show_figures(view, waiting, today=today())
    with st.container(border=True):
        if giving_card.show(months, given=view.gifts > 0):
            kpis.show_notes(omissions)
timeline.show(view)

donor_household.show(view, actor, today=today())
st.subheader("Pledges")
if promises:
    pledge_list.show(promises, key="donor_pledges", today=today())
else:
    tables.show_empty("event_repeat", "No pledges. Add one with “New pledge”.", guide="pledges")

if actor.sees_amounts:
    gift_suggestions.show(donor_id=donor_id)
    st.subheader("Gifts")
    if donor_gifts.lines:
        gift_list.show(donor_gifts.lines, key="donor_gifts", today=today())
        pagination.show_controls(
            f"donor_gifts_{donor_id}",
            size=50,
            shown=len(donor_gifts.lines),
            total=donor_gifts.gifts,
            next_cursor=donor_gifts.next,
        )
    else:
        tables.show_empty("redeem", "No gifts yet. Add one with “Record gift”.", guide="donor")
    soft_credits.show(donor_id, actor, editable=view.giftable)
donor_privacy.show_section(view, actor)
