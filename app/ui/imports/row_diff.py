"""The plan row by row: values now and after the import."""

from collections import Counter
from typing import Any

import streamlit as st

from app import imports
from app.imports import RowChange
from app.ui.base.formats import count, initial, plain

FATES = {
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
CALLED = {"donors": "Donor", "gifts": "Gift", "pledges": "Pledge", "funds": "Fund"}


def show(rows: tuple[RowChange, ...], counts: dict[str, Any], *, prefix: str) -> None:
    """Draw the result for every row, filtered by result or by a search text."""
    if not rows:
        return
    with st.expander("Row by row", icon=":material/difference:"):
        chosen, typed = _ask_filter(rows, counts, prefix=prefix)
        found = [line for one in rows if chosen in {"all", _fate(one)} for line in _lines(one)]
        wanted = typed.strip().casefold()
        found = [one for one in found if wanted in " ".join(map(str, one.values())).casefold()]
        if not found:
            st.caption("No row fits.")
            return
        st.dataframe(
            found,
            hide_index=True,
            column_config={"Row": st.column_config.NumberColumn(width="small", format="%d")},
        )
        if len(rows) < sum(_number(one, counts) for one in FATES):
            st.caption(f"The first {imports.SHOWN:,} of every kind are shown.")


def _ask_filter(
    rows: tuple[RowChange, ...], counts: dict[str, Any], *, prefix: str
) -> tuple[str, str]:
    """Draw the filter and the search field; return the chosen result and the search text."""
    fates = Counter(_fate(one) for one in rows)
    words = {"all": "All"} | {
        name: f"{label} {_number(name, counts):,}" for name, label in FATES.items() if fates[name]
    }
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    chosen = left.segmented_control(
        "Which rows",
        list(words),
        default="all",
        format_func=words.__getitem__,
        key=f"{prefix}_fate",
        required=True,
        label_visibility="collapsed",
    )
    typed = right.text_input(
        "Find",
        key=f"{prefix}_find_row",
        placeholder="Find a name or a value",
        icon=":material/search:",
        label_visibility="collapsed",
    )
    return chosen, typed


def _number(fate: str, counts: dict[str, Any]) -> int:
    names = ("conflict", "error") if fate == "stay" else (fate,)
    return sum(int(counts[name]) for name in names)


def _fate(one: RowChange) -> str:
    return one.action if one.action in FATES else "stay"


def _lines(one: RowChange) -> list[dict[str, Any]]:
    """Return the table lines of one row: one per changed field."""
    head = {
        "Row": one.row,
        "What": CALLED[one.kind],
        "Who": plain(one.who),
        "Result": FATES[_fate(one)],
    }
    if one.action == "create":
        said = "; ".join(f"{_name(f.name)}: {f.after}" for f in one.fields)
        return [head | {"Column": "", "Here now": "", "After the import": plain(said)}]
    kept = [
        head
        | {
            "Column": initial(_name(field.name)),
            "Here now": plain(field.before),
            "After the import": "left as it is here",
        }
        for field in one.kept
    ]
    if one.action != "update":
        reason = {"Column": "", "Here now": "", "After the import": plain(one.reason)}
        return kept or [head | reason]
    lines = [
        head
        | {
            "Column": initial(_name(field.name)),
            "Here now": plain(field.before),
            "After the import": plain(field.after),
        }
        for field in one.fields
    ]
    number = {"Column": "Number elsewhere", "Here now": "", "After the import": "written down"}
    return [*lines, *kept] if lines else [head | number, *kept]


def say_kept(kept: dict[str, int], noun: str) -> None:
    """Name the columns that would change but are kept by the chosen update policies."""
    if kept:
        said = ", ".join(f"{_name(name)} ({count(rows, noun)})" for name, rows in kept.items())
        st.caption(f":material/lock: Left as it is here, as you chose: {said}.")


def _name(field: str) -> str:
    return NAMES.get(field, field.replace("_", " "))
