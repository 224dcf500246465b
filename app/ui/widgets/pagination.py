"""Keyset pagination: buttons "Previous" and "Next" for lists of any size."""

from typing import TypeVar

import streamlit as st

from app.ui.base.formats import number

C = TypeVar("C")

# a larger total is shown as "10,000+"
MOST_COUNTED = 10_000


def cursor(key: str, filters: object, kind: type[C]) -> C | None:
    """Return the cursor of the current page; a changed filter resets it to the first page."""
    state = st.session_state.get(key)
    if state is None or state["filters"] != filters:
        state = st.session_state[key] = {"filters": filters, "cursors": [None]}
    current = state["cursors"][-1]
    return current if isinstance(current, kind) else None


def is_whole(key: str, next_cursor: object) -> bool:
    """Return whether the list of this key has only the one page that is shown."""
    return len(st.session_state[key]["cursors"]) == 1 and next_cursor is None


def show_controls(key: str, *, size: int, shown: int, total: int, next_cursor: object) -> None:
    """Draw the position in the list and both buttons, if there is more than one page."""
    cursors = st.session_state[key]["cursors"]
    first = (len(cursors) - 1) * size + 1
    if is_whole(key, next_cursor):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        total_text = number(min(total, MOST_COUNTED)) + ("+" if total > MOST_COUNTED else "")
        st.caption(
            f"{number(first)} to {number(first + shown - 1)} of {total_text}", width="stretch"
        )
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            disabled=len(cursors) == 1,
            on_click=cursors.pop,
            key=f"{key}_previous",
        )
        st.button(
            "Next",
            icon=":material/chevron_right:",
            disabled=next_cursor is None,
            on_click=cursors.append,
            args=(next_cursor,),
            key=f"{key}_next",
        )
