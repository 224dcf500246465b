"""Reading of an uploaded file in the background, and overrides: encoding, delimiter, header."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from app import imports
from app.accounts import Actor
from app.db import transaction
from app.ui.base.formats import plain
from app.ui.base.session import current_actor
from app.ui.widgets import background

TableOf = Callable[[Actor, imports.Stop], imports.Table]
FOUND = "As found"
SHOWN = 15
# a bigger table is read again for the plan, to save memory while the screen is open
KEPT_BYTES = 16 * 2**20
LOOK = "import_look"
# session state keys of the background work on a file
SLOTS = (LOOK, f"{LOOK}_kind", f"{LOOK}_like", "import_seen")


def looked(
    data: bytes, *, prefix: str, kind: str | None = None, like: int | None = None, slot: str = LOOK
) -> imports.Layout:
    """Return the layout of the file, read in the background once per read options."""
    reading, actor = dict(said(prefix)), current_actor()
    table = table_of(data, prefix=prefix)

    def work(stop: imports.Stop) -> imports.Layout:
        found = table(actor, stop)
        with transaction(actor) as db:
            return imports.look(
                db, actor, data=data, kind=kind, like=like, reading=reading, table=found
            )

    key = f"{_round()} {prefix} {reading} {kind} {like}"
    return background.result(slot, key, work, doing="Reading the file")


def table_of(data: bytes, *, prefix: str) -> TableOf:
    """Return a function that reads the file, or returns the table read last if it is the same."""
    reading = dict(said(prefix))
    key = f"{prefix} {reading}"
    kept: dict[str, imports.Table] = st.session_state.setdefault("import_table", {})

    def read(actor: Actor, stop: imports.Stop) -> imports.Table:
        found = kept.get(key)
        if found is None:
            found = imports.read_file(actor, data=data, reading=reading, stop=stop)
            kept.clear()
            if found.cells.nbytes <= KEPT_BYTES:
                kept[key] = found
        return found

    return read


def _round() -> int:
    return int(st.session_state.get("import_round", 0))


def said(prefix: str) -> dict[str, Any]:
    """Return the read options chosen for this file so far."""
    found: dict[str, Any] = st.session_state.setdefault(f"{prefix}_reading", {})
    return found


def ask(
    found: imports.Reading | None, first_rows: Sequence[Sequence[str]], *, prefix: str
) -> None:
    """Let the user choose read options; expanded if the file could not be read."""
    told = said(prefix)
    with st.expander(
        "Read the file in another way", icon=":material/text_fields:", expanded=found is None
    ):
        left, right = st.columns(2)
        with left:
            _choose(
                "Letters (encoding)",
                "encoding",
                imports.ENCODINGS,
                told,
                found.encoding if found else None,
                prefix,
            )
        with right:
            _choose(
                "Between columns",
                "separator",
                imports.SEPARATORS,
                told,
                found.separator if found else None,
                prefix,
            )
        _choose(
            "Names of the columns",
            "header",
            _rows(first_rows),
            told,
            found.header if found else None,
            prefix,
        )
        st.caption("If names look garbled, choose other letters and watch the preview.")


def _rows(first_rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """Return the first rows as options for the header row."""
    rows = {0: "There is none"}
    for number, row in enumerate(first_rows[:SHOWN], 1):
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
        label,
        [None, *words],
        format_func=lambda one: spelled if one is None else words[one],
        key=key,
        on_change=keep,
    )
