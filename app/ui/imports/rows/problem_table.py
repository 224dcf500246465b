"""Tables of rows with their reasons: rows that are not imported, notes, rows left out."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.ui.base.formats import count, escape, number

MOST = 200
# rows shown at full height; a longer table scrolls
_ROWS_AT_ONCE = 8
_HEIGHT = 420
_TITLES = {"row": "Row", "field": "Column", "cell": "Cell", "reason": "Why"}
Problems = Sequence[dict[str, Any]]


def show_problems(problems: Problems) -> None:
    """List the rows that will not be imported, each with its column, cell and reason."""
    if not problems:
        return
    rows = len({problem["row"] for problem in problems})
    st.subheader(f"{count(rows, 'row')} will not be imported")
    _show(problems, "Rows that will not be imported")
    if len(problems) > MOST:
        st.caption(
            f"The first {MOST} of {number(len(problems))} are shown. The file of rows has all."
        )


def show_notes(notes: Problems) -> None:
    """List what was left empty, repaired or added in rows that are imported."""
    if not notes:
        return
    title = f"{count(len(notes), 'note')} on rows that are imported"
    with st.expander(title, icon=":material/info:"):
        _show(notes, "Notes on rows that are imported")
        if len(notes) > MOST:
            st.caption(f"The first {MOST} of {number(len(notes))} are shown.")


def show_left_out(rows: Problems) -> None:
    """List the rows of the file that are no records: titles, totals, empty rows."""
    if rows:
        with st.expander(f"{count(len(rows), 'row')} left out"):
            _show(rows, "Rows that are left out")


def _show(problems: Problems, alt: str) -> None:
    """Draw a table whose cells wrap, so that a reason can be read on a phone."""
    listed = problems[:MOST]
    titles = {
        name: title
        for name, title in _TITLES.items()
        if any(problem.get(name) not in {None, ""} for problem in listed)
    }
    lines = [
        {
            title: f"{number(problem[name])}"
            if name == "row"
            else escape(str(problem.get(name, "")))
            for name, title in titles.items()
        }
        for problem in listed
    ]
    st.table(
        lines,
        border="horizontal",
        height=_HEIGHT if len(lines) > _ROWS_AT_ONCE else "content",
        hide_index=True,
        hide_header=False,
        alt=alt,
    )
