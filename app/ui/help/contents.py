"""The Help page: search, one part of the guide, and the list of contents."""

from collections.abc import Sequence

import streamlit as st

from app.accounts import Actor
from app.ui.base.formats import count, escape
from app.ui.base.screens import SCREENS
from app.ui.help import guide
from app.ui.help.guide import Part
from app.ui.widgets import tables

MOST_RESULTS = 12
_FIND, _SHOWN = "find_in_guide", "guide_part_shown"


def parts_for(actor: Actor) -> tuple[Part, ...]:
    """Return the general parts, and those of the screens of the actor's role."""
    return guide.parts([screen for screen in SCREENS if actor.role in screen.roles])


def chosen_part(parts: Sequence[Part]) -> Part | None:
    """Return the part that the address names, or None."""
    name = st.query_params.get("part", "")
    # the field is in the state only if the page that was drawn last is this one
    if _FIND in st.session_state and st.session_state.get(_SHOWN) != name:
        # a result was opened, so the search is over
        st.session_state[_FIND] = ""
        # the framework does not change the address when a link leads to the page it is on
        st.query_params.from_dict({"part": name} if name else {})
    st.session_state[_SHOWN] = name
    return next((part for part in parts if part.name == name), None)


def show_search(parts: Sequence[Part]) -> None:
    """Draw the search field and the results, the best first."""
    query = st.text_input(
        "Find in the guide",
        key=_FIND,
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="Find in the guide: thank, late, undo …",
        label_visibility="collapsed",
    )
    if not (query or "").strip():
        return
    matches = guide.find(query or "", parts)
    with st.container(border=True, gap="xsmall", key="list_guide_results"):
        if not matches:
            st.caption("Nothing found. Try another word, or choose a part of the contents.")
            return
        st.caption(count(len(matches), "result"))
        for match in matches[:MOST_RESULTS]:
            is_whole = match.heading == match.part.title
            label = match.heading if is_whole else f"{match.part.title} · {match.heading}"
            _show_link(match.part, escape(label))


def show_part(part: Part) -> None:
    """Draw a part with its sections and links to related parts."""
    st.header(part.title, anchor=False)
    st.markdown(part.introduction)
    for section in part.sections:
        st.subheader(section.heading, anchor=section.anchor)
        st.markdown(section.text)
    if part.related:
        st.caption("See also")
        with st.container(horizontal=True, gap="xsmall"):
            for name in part.related:
                other = guide.read(name)
                _show_link(other, escape(other.title))


def show_contents(parts: Sequence[Part]) -> None:
    """Draw links to all parts, side by side."""
    st.subheader("Contents", anchor=False)
    with st.container(horizontal=True, gap="small", key="guide_contents"):
        for part in parts:
            _show_link(part, escape(part.title))


def show_side(parts: Sequence[Part], current: Part) -> None:
    """Draw links to all parts below one another; the current one is marked."""
    st.subheader("Contents", anchor=False)
    with st.container(gap="xsmall", key="list_guide_side"):
        for part in parts:
            if part == current:
                st.markdown(f"**{escape(part.title)}**")
            else:
                _show_link(part, escape(part.title))


def _show_link(part: Part, label: str, *, icon: str | None = None) -> None:
    st.page_link(
        tables.screen_page("help"), label=label, icon=icon, query_params={"part": part.name}
    )
