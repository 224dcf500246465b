"""Reading a file in another way than was found: its letters, its separator, its header."""

from typing import Any

import streamlit as st

from app import imports
from app.kit.errors import DonorCrmError
from app.ui.formats import plain

FOUND = "As found"
SHOWN = 15


def said(prefix: str) -> dict[str, Any]:
    """Return what the person said of this file so far."""
    found: dict[str, Any] = st.session_state.setdefault(f"{prefix}_reading", {})
    return found


def ask(data: bytes, found: imports.Reading | None, *, prefix: str) -> None:
    """Let a person say how to read the file; opened by itself where it could not be read."""
    told = said(prefix)
    with st.expander(
        "Read the file in another way", icon=":material/text_fields:", expanded=found is None
    ):
        left, right = st.columns(2)
        with left:
            _choose(
                "Letters (encoding)", "encoding", imports.ENCODINGS, told,
                found.encoding if found else None, prefix,
            )  # fmt: skip
        with right:
            _choose(
                "Between columns", "separator", imports.SEPARATORS, told,
                found.separator if found else None, prefix,
            )  # fmt: skip
        _choose(
            "Names of the columns", "header", _rows(data, told), told,
            found.header if found else None, prefix,
        )  # fmt: skip
        st.caption("If names look garbled, choose other letters and watch the preview.")


def _rows(data: bytes, told: dict[str, Any]) -> dict[int, str]:
    """Spell the first rows, to choose the one that names the columns."""
    rows = {0: "There is none"}
    try:
        first = imports.first_rows(data, {k: v for k, v in told.items() if k != "header"})
    except DonorCrmError:
        return rows
    for number, row in enumerate(first[:SHOWN], 1):
        cells = ", ".join(cell.strip() for cell in row if cell.strip())
        rows[number] = f"Row {number}: {plain(cells)[:70] or 'blank'}"
    return rows


def _choose(
    label: str, name: str, words: dict[Any, str], told: dict[str, Any], found: Any, prefix: str
) -> None:
    key = f"{prefix}_reading_{name}"
    spelled = f"{FOUND}: {words[found]}" if found in words else FOUND

    def keep() -> None:
        chosen = st.session_state[key]
        if chosen is None:
            told.pop(name, None)
        else:
            told[name] = chosen

    st.selectbox(
        label, [None, *words], format_func=lambda one: spelled if one is None else words[one],
        key=key, on_change=keep,
    )  # fmt: skip
