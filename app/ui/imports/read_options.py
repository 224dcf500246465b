"""Reading of an uploaded file in the background, and overrides: encoding, delimiter, header."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from app import imports
from app.accounts import Actor
from app.db import transaction
from app.ui.base.formats import escape, plain
from app.ui.base.session import current_actor
from app.ui.widgets import background

TableReader = Callable[[Actor, imports.Stop], imports.Table]
AS_FOUND = "As found"
MAX_HEADER_ROWS = 15
# bigger tables are read again for the plan, to save memory while the screen is open
MAX_CACHED_BYTES = 16 * 2**20
LAYOUT = "import_look"
Value = TypeVar("Value", str, int)
# session state key: whether the screen has several files
SEVERAL = "import_several"
# session state keys of the background work on a file
SLOTS = (LAYOUT, f"{LAYOUT}_kind", f"{LAYOUT}_like", "import_seen")


def load_layout(
    data: bytes,
    *,
    prefix: str,
    kind: str | None = None,
    like: int | None = None,
    slot: str = LAYOUT,
) -> imports.Layout:
    """Return the layout of the file, read in the background once per read options."""
    reading, actor = dict(overrides(prefix)), current_actor()
    read_table = table_reader(data, prefix=prefix)

    def look(stop: imports.Stop) -> imports.Layout:
        table = read_table(actor, stop)
        with transaction(actor) as db:
            return imports.inspect_file(
                db, actor, data=data, kind=kind, like=like, reading=reading, table=table
            )

    key = f"{_round()} {prefix} {reading} {kind} {like}"
    return background.result(slot_of(slot, prefix), key, look, doing="Reading the file")


def slot_of(slot: str, prefix: str) -> str:
    """Return the session state key of background work, for each of several files its own."""
    return f"{slot}_{prefix}" if st.session_state.get(SEVERAL) else slot


def table_reader(data: bytes, *, prefix: str) -> TableReader:
    """Return a function that reads the file, or returns the table read last if it is the same."""
    reading = dict(overrides(prefix))
    key = f"{prefix} {reading}"
    tables: dict[str, imports.Table] = st.session_state.setdefault("import_table", {})
    several = bool(st.session_state.get(SEVERAL))

    def read(actor: Actor, stop: imports.Stop) -> imports.Table:
        table = tables.get(key)
        if table is None:
            table = imports.read_file(actor, data=data, reading=reading, stop=stop)
            if not several:
                tables.clear()
            if sum(each.cells.nbytes for each in (*tables.values(), table)) <= MAX_CACHED_BYTES:
                tables[key] = table
        return table

    return read


def _round() -> int:
    return int(st.session_state.get("import_round", 0))


def overrides(prefix: str) -> dict[str, Any]:
    """Return the read options chosen for this file so far."""
    chosen: dict[str, Any] = st.session_state.setdefault(f"{prefix}_reading", {})
    return chosen


def ask_encoding(error: imports.UndecidedError, *, prefix: str) -> None:
    """Ask which reading of the file's letters is right, showing words in each of them."""
    st.warning(escape(str(error)))
    samples = dict(zip(error.choices, error.samples, strict=True))
    key = f"{prefix}_reading_unsure"

    def save() -> None:
        overrides(prefix)["encoding"] = st.session_state[key]

    st.radio(
        "Which is right?",
        error.choices,
        index=None,
        format_func=lambda name: f"{escape(samples[name])} ({imports.ENCODINGS[name]})",
        key=key,
        on_change=save,
    )


def ask(
    layout: imports.Layout | None, unreadable: imports.UnreadableError | None, *, prefix: str
) -> None:
    """Let the user choose read options; expanded if the file could not be read."""
    detected = layout.detected if layout else None
    workbook = layout or unreadable
    sheets = workbook.sheets if workbook else ()
    with st.expander(
        "Read the file in another way", icon=":material/text_fields:", expanded=detected is None
    ):
        if len(sheets) > 1:
            labels = {name: plain(name) for name in sheets}
            _choose("Sheet", "sheet", labels, detected.sheet if detected else None, prefix=prefix)
        left, right = st.columns(2)
        with left:
            _choose(
                "Letters (encoding)",
                "encoding",
                imports.ENCODINGS,
                detected.encoding if detected else None,
                prefix=prefix,
            )
        with right:
            _choose(
                "Between columns",
                "separator",
                imports.SEPARATORS,
                detected.separator if detected else None,
                prefix=prefix,
            )
        _choose(
            "Names of the columns",
            "header",
            _header_choices(workbook.first_rows if workbook else ()),
            detected.header if detected else None,
            prefix=prefix,
        )
        st.caption("If names look garbled, choose another encoding and check the preview.")


def _header_choices(first_rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """Return the first rows as options for the header row."""
    choices = {0: "There is none"}
    for number, row in enumerate(first_rows[:MAX_HEADER_ROWS], 1):
        cells = ", ".join(cell.strip() for cell in row if cell.strip())
        choices[number] = f"Row {number}: {plain(cells)[:70] or 'blank'}"
    return choices


def _choose(
    label: str, name: str, labels: dict[Value, str], detected: Value | None, *, prefix: str
) -> None:
    """Draw the choice of one read option; None stands for the detected value."""
    chosen = overrides(prefix)
    key = f"{prefix}_reading_{name}"
    as_found = AS_FOUND
    if detected is not None and detected in labels:
        as_found = f"{AS_FOUND}: {labels[detected]}"

    def save() -> None:
        value = st.session_state[key]
        if value is None:
            chosen.pop(name, None)
        else:
            chosen[name] = value

    st.selectbox(
        label,
        [None, *labels],
        format_func=lambda value: as_found if value is None else labels[value],
        key=key,
        on_change=save,
    )
