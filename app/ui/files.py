"""The buttons that take a file away, from our own route that asks who it is."""

from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from app import exports
from app.audit import ActivityFilter
from app.ui import regular_exports
from app.ui.session import current_actor

FILES = "/api/v1/files"
FORMS = {"csv": "CSV", "xlsx": "Excel"}
Parts = Iterable[tuple[str, str]]


def button(
    label: str,
    path: str,
    *,
    icon: str = "download",
    help: str | None = None,  # noqa: A002 - the framework's word
    width: Literal["stretch", "content"] = "content",
) -> None:
    """Draw a button that fetches `path` ("donors.csv") when it is clicked."""
    st.link_button(label, f"{FILES}/{path}", icon=f":material/{icon}:", help=help, width=width)


def forms(kind: str, parts: Parts = ()) -> None:
    """Draw a button for each form of file, side by side; `parts` say which rows and columns."""
    asked = urlencode(list(parts))
    words = kind.replace("-", " ")
    for form, called in FORMS.items():
        path = f"{kind}.{form}" + (f"?{asked}" if asked else "")
        button(called, path, help=f"Download {words} as {called}")


def these(kind: str, chosen: exports.Filter) -> None:
    """Draw the button that exports the rows of a filter, for who may."""
    actor = current_actor()
    if actor.looking or kind not in exports.exportable(actor):
        return
    with st.popover("Export these", icon=":material/download:"):
        columns = st.multiselect(
            "Columns", list(exports.TABLE[kind].columns), key=f"export_{kind}_columns",
            format_func=_called, placeholder="All columns",
        )  # fmt: skip
        asked = exports.Asked(chosen, tuple(columns))
        with st.container(horizontal=True):
            forms(kind, exports.spelled(asked))
        regular_exports.ask(kind, asked, key=f"these_{kind}")


def of_record(chosen: ActivityFilter) -> Parts:
    """Spell which of the record's lines fit, as the file's address says it."""
    asked = {
        "by": chosen.actor_id,
        "kind": chosen.entity,
        "record": chosen.record,
        "from": chosen.start.isoformat() if chosen.start else None,
        "until": chosen.end.isoformat() if chosen.end else None,
    }
    return [(name, str(value)) for name, value in asked.items() if value is not None]


def _called(column: str) -> str:
    return column.replace("_", " ").capitalize()
