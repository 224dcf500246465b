"""Taking away what a list shows: the file of these rows, with the columns one wants."""

from urllib.parse import urlencode

import streamlit as st

from app import exports
from app.ui.session import current_actor

FORMS = {"csv": "CSV", "xlsx": "Excel"}


def links(kind: str, asked: exports.Asked | None = None) -> None:
    """Draw a link for each form of file, side by side."""
    parts = urlencode(exports.spelled(asked)) if asked else ""
    for form, called in FORMS.items():
        st.link_button(
            called,
            f"/api/v1/files/{kind}.{form}{'?' if parts else ''}{parts}",
            icon=":material/download:",
            help=f"Download {kind} as {called}",
        )


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
        with st.container(horizontal=True):
            links(kind, exports.Asked(chosen, tuple(columns)))


def _called(column: str) -> str:
    return column.replace("_", " ").capitalize()
