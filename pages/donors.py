"""Screen of all donors: search, filters, sorting, and pages of fifty."""

import streamlit as st

from app import donors
from app.db import replica, transaction
from app.ui.base.formats import count
from app.ui.base.session import current_actor, today
from app.ui.donors import bulk_tags, filters, unrated_giving
from app.ui.donors import forms as donor_forms
from app.ui.donors import labels as donor_labels
from app.ui.donors.segments import bar
from app.ui.exports import downloads
from app.ui.widgets import forms, import_filter, pagination, tables

LIST, SIZE = "donor_list", 50
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
    options = filters.load_options(db, actor)
donor_filter, sort = filters.ask_filter_and_sort(actor, options)
if bar.show_sentences(donor_filter, options.segments) is None:
    st.stop()
cursor = pagination.cursor(
    LIST,
    (donor_filter, sort),
    donors.Cursor,
    find=lambda pages: replica.read(
        actor,
        lambda db: donors.cursor_at(
            db, actor, filter=donor_filter, sort=sort, today=today(), skip=pages * SIZE
        ),
    ),
)
page, waiting = replica.read(
    actor,
    lambda db: (
        found := donors.page(
            db, actor, filter=donor_filter, sort=sort, today=today(), after=cursor
        ),
        unrated_giving.of_page(db, actor, found, donor_filter),
    ),
)

bulk_tags.show_undo()
if page.lines:
    with export:
        downloads.show_export_of_rows("donors", donor_filter)
if not page.lines and donor_filter == donors.DonorFilter():
    tables.show_empty(
        "group",
        "No donors yet. Import a file, or add the first donor with the button above.",
        action="Import a file",
        opens="import_file",
        guide="start",
    )
elif not page.lines and donor_filter.import_id is not None:
    chosen = import_filter.ImportFilter(donor_filter.import_id, donor_filter.import_rows)
    import_filter.show_empty(chosen, "donor")
elif not page.lines:
    tables.show_empty(
        "search_off", "No donor matches. Remove a filter, or search for a part of the name."
    )
else:
    if page.similar:
        st.caption("No exact match. Closest results:")
    else:
        total = "10,000+ donors" if page.total > 10_000 else count(page.total, "donor")  # noqa: PLR2004
        st.caption(total)
    columns = [
        tables.name("Name", lambda donor: donor.name),
        tables.text("Giving", donor_labels.giving),
        tables.text("Gives", donor_labels.rhythm),
        tables.days("Last gift", lambda donor: donor.last_gift_date),
        tables.money("This year", lambda donor: donor.this_year),
        tables.money("Lifetime", lambda donor: donor.lifetime),
        *unrated_giving.columns(waiting),
        tables.days("Last contact", lambda donor: donor.last_contacted_on),
        tables.text("Status", lambda donor: donor.status.capitalize()),
    ]
    if len(options.owners) > 1:
        columns.append(tables.text("Owner", lambda donor: donor.owner_name))
    bulk_tags.show_bar(page, donor_filter, key=LIST + "_table")
    tables.show(
        page.lines,
        columns,
        key=LIST + "_table",
        today=today(),
        opens=lambda donor: donor.donor_id,
        identify=lambda donor: donor.donor_id,
        alt=f"Donors by {sort}",
        select=bulk_tags.may_tag(),
        sortable=pagination.is_whole(LIST, page.next),
    )
    unrated_giving.show(waiting)
    pagination.show_controls(
        LIST,
        size=SIZE,
        shown=len(page.lines),
        total=page.total,
        next_cursor=page.next,
        in_url=True,
    )
