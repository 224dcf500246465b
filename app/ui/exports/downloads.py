"""Download buttons of exports; the files come from an API route that checks the user."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from app import accounts, donors, exports
from app.audit import ActivityFilter
from app.db import Session
from app.ui.base.session import current_actor, now
from app.ui.exports import scheduled
from app.ui.widgets import forms
from app.ui.widgets.counting import CREDITS, UNITS

FILE = re.compile(r"[a-z-]+\.(csv|xlsx)(\?.*)?|everything\.zip")
FORMATS = {"csv": "CSV", "xlsx": "Excel"}
Parts = Iterable[tuple[str, str]]


def show_button(
    label: str,
    path: str,
    *,
    icon: str = "download",
    help: str | None = None,  # noqa: A002 - Streamlit's name
    width: Literal["stretch", "content"] = "content",
) -> None:
    """Draw a button that downloads `path` ("donors.csv")."""
    st.link_button(
        label, f"{exports.FILES_URL}/{path}", icon=f":material/{icon}:", help=help, width=width
    )


def show_format_buttons(kind: str, parts: Parts = ()) -> None:
    """Draw a button for each file format; `parts` are the query parameters of the selection."""
    query = urlencode(list(parts))
    label = kind.replace("-", " ")
    for suffix, format_name in FORMATS.items():
        path = f"{kind}.{suffix}" + (f"?{query}" if query else "")
        show_button(format_name, path, help=f"Download {label} as {format_name}")


def show_export_of_rows(kind: str, row_filter: exports.RowFilter) -> None:
    """Draw the button that exports the rows of a filter, if the actor may export them."""
    actor = current_actor()
    if actor.looking or kind not in exports.exportable(actor):
        return
    with st.popover("Export these", icon=":material/download:"):
        columns = st.multiselect(
            "Columns",
            list(exports.TABLE[kind].columns),
            key=f"export_{kind}_columns",
            format_func=_label,
            placeholder="All columns",
        )
        query = exports.ExportQuery(row_filter, tuple(columns))
        with st.container(horizontal=True):
            show_format_buttons(kind, exports.encode_query(query))
        scheduled.show_schedule_button(kind, query, key=f"these_{kind}")


def ask_counting(kind: str) -> exports.ExportQuery:
    """Ask what a file of donors or figures counts as a donor, and which giving."""
    if kind not in exports.COUNTED:
        return exports.ExportQuery()
    with st.container(horizontal=True):
        unit = st.selectbox(
            "A donor is",
            list(UNITS),
            key=f"export_{kind}_unit",
            format_func=UNITS.__getitem__,
            help="A household adds up what its members give.",
            width=150,
        )
        credit = st.selectbox(
            "Counts",
            list(CREDITS),
            key=f"export_{kind}_credit",
            format_func=CREDITS.__getitem__,
            help="Soft credits recognise a donor for the gifts of others. They are not income.",
            width=150,
        )
    return exports.counting_query(kind, donors.Unit(unit), donors.Credit(credit))


def show_requested_file(*, confirmed: bool) -> None:
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
            st.markdown("Thank you. The file is ready to download.")
            show_button("Download " + name.rpartition(".")[0].replace("-", " "), path)
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
            on_click=forms.run_and_announce,
            args=("confirm_export", _confirmed),
        )


def _confirmed(db: Session) -> str:
    accounts.require_confirmed(db, current_actor(), now=now())
    return "Thank you. The file is ready to download."


def audit_parameters(activity_filter: ActivityFilter) -> Parts:
    """Return the filter of the audit log as query parameters of its file."""
    parameters = {
        "by": activity_filter.actor_id,
        "kind": activity_filter.entity,
        "action": activity_filter.action,
        "record": activity_filter.record,
        "from": activity_filter.start.isoformat() if activity_filter.start else None,
        "until": activity_filter.end.isoformat() if activity_filter.end else None,
    }
    return [(name, str(value)) for name, value in parameters.items() if value is not None]


@lru_cache(1024)
def _label(column: str) -> str:
    """Return the label of a column; cached, because each open page holds those of all columns."""
    return column.replace("_", " ").capitalize()
