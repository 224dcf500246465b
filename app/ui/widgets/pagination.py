"""Keyset pagination: buttons "Previous" and "Next" for lists of any size."""

from typing import Any

import streamlit as st


def cursor(key: str, filters: Any) -> Any | None:
    """Return the cursor of the current page; a changed filter resets it to the first page."""
    state = st.session_state.get(key)
    if state is None or state["filters"] != filters:
        state = st.session_state[key] = {"filters": filters, "cursors": [None]}
    return state["cursors"][-1]


def controls(key: str, *, size: int, shown: int, total: int, following: Any | None) -> None:
    """Draw the position in the list and both buttons, if there is more than one page."""
    cursors = st.session_state[key]["cursors"]
    first = (len(cursors) - 1) * size + 1
    if len(cursors) == 1 and following is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        whole = "10,000+" if total > 10_000 else f"{total:,}"  # noqa: PLR2004
        st.caption(f"{first:,} to {first + shown - 1:,} of {whole}", width="stretch")
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
            disabled=following is None,
            on_click=cursors.append,
            args=(following,),
            key=f"{key}_next",
        )
