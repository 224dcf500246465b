"""Keyset pagination: buttons "Previous" and "Next" for lists of any size, the page in the URL."""

from collections.abc import Callable
from typing import Final, TypeVar

import streamlit as st

from app.ui.base.formats import number
from app.ui.widgets.url_filters import record_id

C = TypeVar("C")

# a larger total is shown as "10,000+"
MOST_COUNTED = 10_000
# the last page that an address may name: finding it means reading the rows before it
LAST_PAGE = 200
_PAGE = "page"
# a page that an address skipped; its cursor is found when it is shown
_UNKNOWN: Final = "unknown"


def cursor(
    key: str, filters: object, kind: type[C], *, find: Callable[[int], C | None] | None = None
) -> C | None:
    """Return the cursor of the current page; a changed filter resets it to the first page.

    Args:
        key: the name of the list in the session.
        filters: what selects and sorts the rows.
        kind: the type of a cursor.
        find: returns the cursor after that many rows, or None if there are not so many. With it
            the page is in the URL, so that Back, a reload and a shared link show the same rows.
    """
    state = st.session_state.get(key)
    written = _written(known=len(state["cursors"]) if state else 1) if find else 1
    if state is None or (find and written != len(state["cursors"])):
        known = state["cursors"] if state and state["filters"] == filters else [None]
        unknown = [_UNKNOWN] * (written - len(known))
        state = {"filters": filters, "cursors": [*known[:written], *unknown]}
    elif state["filters"] != filters:
        state = {"filters": filters, "cursors": [None]}
    cursors = state["cursors"]
    if find and cursors[-1] == _UNKNOWN:
        cursors[-1] = find(len(cursors) - 1)
        if cursors[-1] is None:
            del cursors[1:]
    st.session_state[key] = state
    if find:
        _write(len(cursors))
    current = cursors[-1]
    return current if isinstance(current, kind) else None


def is_whole(key: str, next_cursor: object) -> bool:
    """Return whether the list of this key has only the one page that is shown."""
    return len(st.session_state[key]["cursors"]) == 1 and next_cursor is None


def show_controls(
    key: str, *, size: int, shown: int, total: int, next_cursor: object, in_url: bool = False
) -> None:
    """Draw the position in the list and both buttons, if there is more than one page.

    `in_url` says that `cursor` was given `find`.
    """
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
            on_click=_turn,
            args=(cursors, None, in_url),
            key=f"{key}_previous",
        )
        st.button(
            "Next",
            icon=":material/chevron_right:",
            disabled=next_cursor is None,
            on_click=_turn,
            args=(cursors, next_cursor, in_url),
            key=f"{key}_next",
        )


def _turn(cursors: list[object], next_cursor: object, in_url: bool) -> None:  # noqa: FBT001
    """Go to the next page, or without a cursor to the one before."""
    if next_cursor is None:
        cursors.pop()
    else:
        cursors.append(next_cursor)
    if in_url:
        _write(len(cursors))


def _written(*, known: int) -> int:
    """Return the page that the URL names, the first one if that can be no page.

    `known` is how many pages were turned to in this session.
    """
    page = record_id(st.query_params.get(_PAGE, "")) or 1
    return page if page <= max(known, LAST_PAGE) else 1


def _write(page: int) -> None:
    """Write the page to the URL; the first one is not in it."""
    text = str(page) if page > 1 else None
    if st.query_params.get(_PAGE) == text:
        return
    if text is None:
        del st.query_params[_PAGE]
    else:
        st.query_params[_PAGE] = text
