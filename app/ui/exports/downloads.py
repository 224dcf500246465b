"""Download buttons of exports; the files come from an API route that checks the user."""

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from app import accounts, exports
from app.audit import ActivityFilter
from app.db import Session
from app.ui.base.session import current_actor, now
from app.ui.exports import scheduled
from app.ui.widgets import forms as saving

FILES = "/api/v1/files"
FILE = re.compile(r"[a-z-]+\.(csv|xlsx)(\?.*)?")
FORMS = {"csv": "CSV", "xlsx": "Excel"}
Parts = Iterable[tuple[str, str]]


def button(
    label: str,
    path: str,
    *,
    icon: str = "download",
    help: str | None = None,  # noqa: A002 - Streamlit's name
    width: Literal["stretch", "content"] = "content",
) -> None:
    """Draw a button that downloads `path` ("donors.csv")."""
    st.link_button(label, f"{FILES}/{path}", icon=f":material/{icon}:", help=help, width=width)


def forms(kind: str, parts: Parts = ()) -> None:
    """Draw a button for each file format; `parts` are the query parameters of the selection."""
    asked = urlencode(list(parts))
    words = kind.replace("-", " ")
    for form, called in FORMS.items():
        path = f"{kind}.{form}" + (f"?{asked}" if asked else "")
        button(called, path, help=f"Download {words} as {called}")


def these(kind: str, chosen: exports.Filter) -> None:
    """Draw the button that exports the rows of a filter, if the actor may export them."""
    actor = current_actor()
    if actor.looking or kind not in exports.exportable(actor):
        return
    with st.popover("Export these", icon=":material/download:"):
        columns = st.multiselect(
            "Columns",
            list(exports.TABLE[kind].columns),
            key=f"export_{kind}_columns",
            format_func=_called,
            placeholder="All columns",
        )
        asked = exports.ExportQuery(chosen, tuple(columns))
        with st.container(horizontal=True):
            forms(kind, exports.encode_query(asked))
        scheduled.ask(kind, asked, key=f"these_{kind}")


def waiting(*, confirmed: bool) -> None:
    """Offer the requested file that redirected here because the user must confirm first.

    The path comes from the URL, so it is untrusted; it links only to the files route, which
    checks the user again.
    """
    path = st.query_params.get("file", "")
    if not FILE.fullmatch(path):
        return
    with st.container(border=True):
        name = path.partition("?")[0]
        if confirmed:
            st.markdown("Thank you. The file is ready to be taken.")
            button("Download " + name.rpartition(".")[0].replace("-", " "), path)
            return
        st.markdown(
            "This file names most of the donors of your organisation. For your security, confirm "
            "that it is you; you are not asked again for ten minutes."
        )
        st.button(
            "Confirm it is you",
            key="confirm_export",
            icon=":material/verified_user:",
            type="primary",
            on_click=saving.do,
            args=("confirm_export", _confirmed),
        )


def _confirmed(db: Session) -> str:
    accounts.require_confirmed(db, current_actor(), now=now())
    return "Thank you. The file is ready to be taken."


def of_record(chosen: ActivityFilter) -> Parts:
    """Return the filter of the audit log as query parameters of its file."""
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
