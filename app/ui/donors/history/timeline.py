"""The activity of a donor: a timeline with filters, a search, and older events on demand."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from app import donors
from app.db import transaction
from app.donors import DonorView, TimelineFilter, TimelineLine
from app.kit.errors import InvalidError
from app.ui.base.formats import day, escape, money
from app.ui.base.session import current_actor, today
from app.ui.donors.history import contact_edit
from app.ui.widgets import forms, tables
from app.ui.widgets.url_filters import Filter, UrlFilters

FIRST, MORE = 12, 50
# names in the session: the donor whose filters these are, and how many events are shown
_DONOR, _MOST = "timeline_donor", "timeline_most"
_EDIT = "edit"
# kind: icon and name of the filter
KINDS = {
    "gift": ("redeem", "Gifts"),
    "pledge": ("event_repeat", "Pledges"),
    "contact": ("call", "Contacts"),
    "thanks": ("favorite", "Thank-yous"),
    "task": ("task_alt", "Tasks"),
    "request": ("volunteer_activism", "Requests"),
    "consent": ("verified_user", "Consent"),
    "relation": ("group", "Household"),
    "soft credit": ("handshake", "Soft credits"),
    "change": ("edit_note", "Changes"),
}
REVERSAL = "undo"
SHOW = Filter("Kinds", "show", {kind: label for kind, (_, label) in KINDS.items()}, several=True)
FIND = "find"


@st.fragment
def show(view: DonorView) -> None:
    """Draw the card, which alone is drawn again when a filter changes."""
    forms.announce()
    with st.container(border=True, key="timeline"):
        st.subheader("Activity")
        contact_edit.show_undo(view.donor_id)
        wanted = _wanted(view.donor_id)
        most = st.session_state.setdefault(_MOST, FIRST)
        actor = current_actor()
        try:
            with transaction(actor) as db:
                page = donors.timeline(db, actor, view.donor_id, filter=wanted, limit=most)
        except InvalidError as error:
            st.error(escape(str(error)), icon=":material/error:")
            return
        if not page.lines:
            _show_nothing(filtered=wanted != TimelineFilter())
            return
        _show_lines(page.lines, editable=view.editable and not actor.looking)
        if page.next is not None:
            st.button(
                "Show older",
                icon=":material/history:",
                key="timeline_older",
                on_click=_show_older,
            )


def _wanted(donor_id: int) -> TimelineFilter:
    """Draw the filters, and return what they say."""
    if st.session_state.get(_DONOR) != donor_id:
        # the filters of another donor's timeline
        for key in (SHOW.key, FIND, _MOST):
            st.session_state.pop(key, None)
        st.session_state[_DONOR] = donor_id
    filters = UrlFilters()
    find = filters.text(
        "Search the activity",
        key=FIND,
        placeholder="Search the activity",
        icon=":material/search:",
        visible_label=False,
        search=True,
    )
    filters.seed(SHOW)
    kinds = st.pills(
        "Show",
        list(SHOW.options),
        selection_mode="multi",
        key=SHOW.key,
        format_func=lambda kind: SHOW.options[kind],
        label_visibility="collapsed",
    )
    filters.store(SHOW)
    filters.show_refused()
    return TimelineFilter(tuple(kinds), find.strip())


def _show_nothing(*, filtered: bool) -> None:
    if not filtered:
        st.caption(
            "Nothing yet. What you do with “Record gift” and “Log a contact” is listed here."
        )
        return
    st.caption("Nothing here matches. Choose other kinds, or clear the search.")
    st.button("Show everything", icon=":material/close:", key="timeline_all", on_click=_clear)


def _clear() -> None:
    st.session_state[SHOW.key] = []
    st.session_state[FIND] = ""


def _show_older() -> None:
    st.session_state[_MOST] += MORE


def _show_lines(lines: Sequence[TimelineLine], *, editable: bool) -> None:
    events = [_event(line, today(), editable=editable) for line in lines]
    tables.show_events(events, key="timeline_lines", on_press={_EDIT: contact_edit.ask_later})
    contact_edit.show_asked()


def _event(line: TimelineLine, on: date, *, editable: bool) -> tables.Event:
    when = day(line.on, today=on)
    icon = REVERSAL if line.kind == "reversal" else KINDS[line.kind][0]
    return tables.Event(
        icon,
        line.sentence,
        money(line.amount) if line.amount else "",
        f"{when} · {line.user_name}" if line.user_name else when,
        line.detail or "",
        id=str(line.contact_id) if editable and line.contact_id else "",
        press=_EDIT,
        button="Edit",
    )
