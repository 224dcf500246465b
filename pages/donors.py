"""Screen of all donors: search, filters, sorting, and pages of fifty."""

import streamlit as st

from app import donors
from app.db import transaction
from app.ui.base.formats import count
from app.ui.base.session import current_actor, today
from app.ui.donors import filters
from app.ui.donors import forms as donor_forms
from app.ui.donors import labels as donor_labels
from app.ui.exports import downloads
from app.ui.widgets import forms, pagination, tables

LIST = "donor_list"
forms.announce()
actor = current_actor()
created = st.session_state.pop("open_donor", None)
if created is not None:
    tables.open_donor(created)

with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Donors", width="stretch")
    if donor_forms.may_add() and st.button(
        "New donor", type="primary", icon=":material/person_add:"
    ):
        donor_forms.create()
    export = st.container(width="content")

with transaction(actor) as db:
    owners = donors.owners(db, actor)
    tags = donors.tags(db)

chosen, sort = filters.ask(actor, owners, tags)
after = pagination.cursor(LIST, (chosen, sort))
with transaction(actor) as db:
    page = donors.page(db, actor, filter=chosen, sort=sort, today=today(), after=after)

if page.lines:
    with export:
        downloads.these("donors", chosen)
if not page.lines and chosen == donors.DonorFilter():
    tables.nothing(
        "group",
        "No donors yet. Bring in a file, or add the first donor with the button above.",
        action="Import a file",
        opens="import_file",
    )
elif not page.lines:
    tables.nothing(
        "search_off", "Nobody fits. Take a filter away, or search for less of the name."
    )
else:
    if page.similar:
        st.caption("No exact match. Closest results:")
    else:
        number = "10,000+ donors" if page.total > 10_000 else count(page.total, "donor")  # noqa: PLR2004
        st.caption(number)
    columns = [
        tables.name("Name", lambda one: one.name),
        tables.text("Giving", donor_labels.giving),
        tables.text("Gives", donor_labels.rhythm),
        tables.days("Last gift", lambda one: one.last_gift_date),
        tables.money("This year", lambda one: one.this_year),
        tables.money("Lifetime", lambda one: one.lifetime),
        tables.days("Last contact", lambda one: one.last_contacted_on),
        tables.text("Status", lambda one: one.status.capitalize()),
    ]
    if len(owners) > 1:
        columns.append(tables.text("Owner", lambda one: one.owner_name))
    tables.show(
        page.lines,
        columns,
        key=LIST + "_table",
        today=today(),
        opens=lambda one: one.donor_id,
        height="content",
        alt=f"Donors by {sort}",
    )
    pagination.controls(
        LIST, size=50, shown=len(page.lines), total=page.total, following=page.next
    )
