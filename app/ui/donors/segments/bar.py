"""The conditions and the segment of the list of donors: chosen, said in a sentence, changed."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app import donors
from app.db import transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import escape, plain
from app.ui.base.session import current_actor, today
from app.ui.donors.segments import dialogs
from app.ui.donors.segments.dialogs import SEGMENT, WHERE
from app.ui.widgets.url_filters import Filter, UrlFilters

WIDTH = 160


def ask_segment(filters: UrlFilters, segments: Sequence[donors.SegmentLine]) -> int | None:
    """Draw the choice of a segment if there is any; return the id of the chosen one."""
    options = {key: plain(name) for key, name in dialogs.names(segments).items()}
    chosen = Filter("Segment", SEGMENT, options)
    if not options:
        filters.refuse_unknown(chosen)
        return None
    value = filters.choice(chosen, width=WIDTH, placeholder="None")
    return None if value is None else int(value)


def ask_conditions(filters: UrlFilters, base: donors.DonorFilter) -> str:
    """Draw the button that opens the conditions; return those of the address.

    `base` is the filter of the list without them.
    """
    where = filters.hidden_text(WHERE)
    number = sum(map(len, _rule(where)))
    label = f"Conditions ({number})" if number else "Conditions"
    if st.button(label, icon=":material/filter_alt:", key="open_conditions"):
        dialogs.open_conditions(base, where)
    return where


def _rule(where: str) -> donors.Rule:
    try:
        return donors.parse_rule(where)
    except DonorCrmError:
        return ()


def show_sentences(
    donor_filter: donors.DonorFilter, segments: Sequence[donors.SegmentLine]
) -> donors.DonorFilter | None:
    """Draw what the segment and the conditions ask for, with what can be done with them.

    Return the filter; None when a condition cannot be met, which the page has said instead.
    """
    chosen = next((line for line in segments if line.segment_id == donor_filter.segment_id), None)
    usable = True
    if chosen is not None:
        usable = _show_segment(chosen, donor_filter)
    if donor_filter.where:
        usable = _show_where(donor_filter) and usable
    return donor_filter if usable else None


def _show_segment(line: donors.SegmentLine, donor_filter: donors.DonorFilter) -> bool:
    with st.container(horizontal=True, vertical_alignment="center", key="segment_line"):
        words = line.problem or line.sentence
        icon = "warning" if line.problem else "bookmark"
        st.caption(f":material/{icon}: {escape(line.name)}: {escape(words)}.", width="content")
        if line.changeable and st.button(
            "Change", icon=":material/edit:", key="change_segment", type="tertiary"
        ):
            base = replace(donor_filter, where="", segment_id=None)
            dialogs.open_segment(base, line.where, line)
    return line.problem is None


def _show_where(donor_filter: donors.DonorFilter) -> bool:
    actor, where = current_actor(), donor_filter.where
    try:
        with transaction(actor) as db:
            words, problem = donors.where_sentence(db, actor, where, today=today()), ""
    except DonorCrmError as error:
        words, problem = str(error), "warning"
    base = replace(donor_filter, where="", segment_id=None)
    with st.container(horizontal=True, vertical_alignment="center", key="where_line"):
        st.caption(f":material/{problem or 'filter_alt'}: {escape(words)}", width="content")
        may_save = not problem and not actor.looking
        if may_save and st.button(
            "Save as segment", icon=":material/bookmark:", key="save_segment", type="tertiary"
        ):
            dialogs.open_segment(base, where)
        st.button(
            "Remove conditions",
            icon=":material/close:",
            key="remove_where",
            type="tertiary",
            on_click=_remove,
        )
    return not problem


def _remove() -> None:
    st.session_state[WHERE] = ""
