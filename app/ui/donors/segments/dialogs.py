"""Dialogs of conditions and segments: set conditions, save, change and delete a segment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from app import donors
from app.accounts import organisation
from app.db import Session, replica, transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import count, escape
from app.ui.base.session import current_actor, today
from app.ui.donors.segments import builder
from app.ui.widgets import forms

KEY = "segment"
# what the list of donors shows: the conditions of the address, and the chosen segment
WHERE, SEGMENT = "where", "segment"
SHARING = {
    "nobody": "Only me",
    "team": "My team",
    "organisation": "Everybody",
}
_EDITED = f"{KEY}_edited"


@dataclass(frozen=True, slots=True)
class Edited:
    """What a dialog edits: the filter around it, and the segment if it is one."""

    base: donors.DonorFilter
    segment: donors.SegmentLine | None = None


def open_conditions(base: donors.DonorFilter, where: str) -> None:
    """Open the dialog that sets the conditions of the list; `base` is its filter without them."""
    _start(Edited(base), where)
    _conditions()


def open_segment(
    base: donors.DonorFilter, where: str, segment: donors.SegmentLine | None = None
) -> None:
    """Open the dialog that saves conditions as a new segment, or changes a segment."""
    _start(Edited(base, segment), where)
    _segment()


def _start(edited: Edited, where: str) -> None:
    st.session_state[_EDITED] = edited
    with transaction(current_actor()) as db:
        builder.start(db, where, currency=organisation(db).currency)


@st.dialog("Conditions", icon=":material/filter_alt:", width="large")
def _conditions() -> None:
    st.caption("Donors are shown who meet all conditions of a block; of several blocks, any.")
    builder.draw()
    where = _show_found()
    apply, clear = st.columns(2)
    with apply:
        if st.button(
            "Show these donors",
            type="secondary" if where is None else "primary",
            icon=":material/filter_alt:",
            width="stretch",
            disabled=where is None,
        ):
            st.session_state[WHERE] = where
            st.rerun()
    with clear:
        if st.button("Remove all conditions", icon=":material/close:", width="stretch"):
            st.session_state[WHERE] = ""
            st.rerun()


def _show_found() -> str | None:
    """Draw how many donors meet the conditions, or what is missing; return them if all is set."""
    actor, edited = current_actor(), st.session_state[_EDITED]
    try:
        where: str = builder.where()
        chosen = replace(edited.base, where=where, segment_id=None)
        total = replica.read(
            actor,
            lambda db: donors.page(db, actor, filter=chosen, today=today(), page_size=1).total,
        )
    except DonorCrmError as error:
        st.caption(f":material/info: {escape(str(error))}")
        return None
    number = "10,000+ donors" if total > 10_000 else count(total, "donor")  # noqa: PLR2004
    verb = "meets" if total == 1 else "meet"
    st.caption(f":material/group: {number} of this list {verb} the conditions.")
    return where


@st.dialog("Segment", icon=":material/bookmark:", width="large")
def _segment() -> None:
    segment = st.session_state[_EDITED].segment
    first, second = st.columns(2)
    with first:
        forms.text("Name", KEY, "name", segment.name if segment else "", max_chars=120)
    with second:
        forms.choice(
            "Who can use it",
            KEY,
            "shared",
            list(SHARING),
            value=segment.shared_with if segment else "nobody",
            format_func=SHARING.__getitem__,
        )
    builder.draw()
    where = _show_found()
    save, delete = st.columns(2)
    with save:
        st.button(
            "Save segment",
            type="secondary" if where is None else "primary",
            icon=":material/check:",
            width="stretch",
            disabled=where is None,
            on_click=forms.run,
            args=(KEY, lambda db: _save(db, segment)),
        )
    if segment is not None:
        with delete, st.popover("Delete", icon=":material/delete:", width="stretch"):
            st.write("Lists and exports that use this segment will not find it any more.")
            st.button(
                "Delete this segment",
                on_click=forms.run,
                args=(KEY, lambda db: _delete(db, segment)),
            )
    forms.show_refusal(KEY)
    forms.close_when_done(KEY)


def _save(db: Session, segment: donors.SegmentLine | None) -> str:
    name, where = forms.text_value(KEY, "name"), builder.where()
    shared, actor = forms.choice_value(KEY, "shared", str), current_actor()
    if segment is None:
        segment_id = donors.save_segment(db, actor, name=name, where=where, shared_with=shared)
        st.session_state[SEGMENT], st.session_state[WHERE] = str(segment_id), ""
    else:
        donors.change_segment(
            db,
            actor,
            segment_id=segment.segment_id,
            version=segment.version,
            name=name,
            where=where,
            shared_with=shared,
        )
    return f"Saved the segment {name.strip()}."


def _delete(db: Session, segment: donors.SegmentLine) -> str:
    donors.delete_segment(
        db, current_actor(), segment_id=segment.segment_id, version=segment.version
    )
    st.session_state[SEGMENT] = None
    # without any other segment there is no field that would follow
    st.query_params.pop(SEGMENT, None)
    return f"Deleted the segment {segment.name}."


def names(segments: Sequence[donors.SegmentLine]) -> dict[str, str]:
    """Return the names of segments by their id as text; those of others with their owner."""
    actor = current_actor()
    own = {line.segment_id for line in segments if line.owner_name == actor.name}
    return {
        str(line.segment_id): line.name
        if line.segment_id in own or not line.owner_name
        else f"{line.name} ({line.owner_name})"
        for line in segments
    }
