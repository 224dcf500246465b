"""The plan row by row: values now and after the import."""

from collections import Counter
from typing import Any

import streamlit as st

from app import imports
from app.imports import RowChange
from app.ui.base.formats import count, initial, number, plain
from app.ui.imports.rows.kind_names import NOUNS

RESULTS = {
    "create": "New",
    "update": "Changed",
    "skip": "Already here",
    "stay": "Not imported",
}
NAMES = {
    "street": "address",
    "owner_email": "owner",
    "no_email": "no e-mail",
    "no_phone": "no calls",
    "no_mail": "no letters",
    "anonymous": "gives anonymously",
    "email": "e-mail",
    "custom": "other fields",
    "day": "day of the month",
    "grace": "days of grace",
    "number": "number of instalments",
    "total": "total promised",
}


def show(rows: tuple[RowChange, ...], counts: dict[str, Any], *, prefix: str) -> None:
    """Draw the result for every row, filtered by result or by a search text."""
    if not rows:
        return
    with st.expander("Row by row", icon=":material/difference:"):
        chosen, query = _ask_filter(rows, counts, prefix=prefix)
        query = query.strip().casefold()
        lines = [
            line
            for row in rows
            if chosen in {"all", _result(row)}
            for line in _lines(row)
            if query in " ".join(map(str, line.values())).casefold()
        ]
        if not lines:
            st.caption("No row matches. Choose other rows, or clear the search.")
            return
        st.dataframe(
            lines,
            hide_index=True,
            column_config={"Row": st.column_config.NumberColumn(width="small", format="%d")},
        )
        if len(rows) < sum(_number(name, counts) for name in RESULTS):
            st.caption(f"The first {number(imports.MAX_ROWS_PER_ACTION)} of every kind are shown.")


def _ask_filter(
    rows: tuple[RowChange, ...], counts: dict[str, Any], *, prefix: str
) -> tuple[str, str]:
    """Draw the filter and the search field; return the chosen result and the search text."""
    results = Counter(_result(row) for row in rows)
    labels = {"all": "All"} | {
        name: f"{label} {number(_number(name, counts))}"
        for name, label in RESULTS.items()
        if results[name]
    }
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    chosen = left.segmented_control(
        "Which rows",
        list(labels),
        default="all",
        format_func=labels.__getitem__,
        key=f"{prefix}_fate",
        required=True,
        label_visibility="collapsed",
    )
    query = right.text_input(
        "Find",
        key=f"{prefix}_find_row",
        placeholder="Find a name or a value",
        icon=":material/search:",
        label_visibility="collapsed",
    )
    return chosen, query


def _number(name: str, counts: dict[str, Any]) -> int:
    actions = ("conflict", "error") if name == "stay" else (name,)
    return sum(int(counts[action]) for action in actions)


def _result(row: RowChange) -> str:
    return row.action if row.action in RESULTS else "stay"


def _lines(row: RowChange) -> list[dict[str, Any]]:
    """Return the table lines of one row: one per changed field."""
    if row.action == "create":
        values = "; ".join(f"{_label(field.name)}: {field.after}" for field in row.fields)
        return [_line(row, after=plain(values))]
    kept = [
        _line(row, field.name, before=plain(field.before), after="left as it is here")
        for field in row.kept
    ]
    if row.action != "update":
        return kept or [_line(row, after=plain(row.reason))]
    lines = [
        _line(row, field.name, before=plain(field.before), after=plain(field.after))
        for field in row.fields
    ]
    return [*(lines or [_line(row, "number elsewhere", after="recorded")]), *kept]


def _line(row: RowChange, name: str = "", *, before: str = "", after: str) -> dict[str, Any]:
    """Return a table line of a row about one field; an empty name: about all of it."""
    return {
        "Row": row.row,
        "What": initial(NOUNS[row.kind]),
        "Who": plain(row.name),
        "Result": RESULTS[_result(row)],
        "Column": initial(_label(name)) if name else "",
        "Here now": before,
        "After the import": after,
    }


def show_kept(kept: dict[str, int], noun: str) -> None:
    """Name the columns that would change but are kept by the chosen update policies."""
    if kept:
        names = ", ".join(f"{_label(name)} ({count(rows, noun)})" for name, rows in kept.items())
        st.caption(f":material/lock: Left as it is here, as you chose: {names}.")


def _label(name: str) -> str:
    return NAMES.get(name, name.replace("_", " "))
