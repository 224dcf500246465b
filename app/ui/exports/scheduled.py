"""Scheduled exports: the dialog to create one, and the list of the user's own."""

from functools import partial

import streamlit as st

from app import exports
from app.db import Session
from app.ui.base.formats import day
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms

NEW, STOP = "regular", "stop_regular"
FORMATS = {"csv": "CSV", "xlsx": "Excel"}
ALL, FRESH = "Everything, each time", "Only the week or month just ended"


def show_schedule_button(kind: str, query: exports.ExportQuery, *, key: str) -> None:
    """Draw the button that opens the dialog for a scheduled export of this file."""
    if st.button(
        "Regularly",
        key=f"{NEW}_{key}",
        icon=":material/event_repeat:",
        type="tertiary",
        help="Get a mail with a link to this file every week or month",
    ):
        _ask_schedule(kind, query)


def show_list(exports_list: list[exports.ScheduledExport]) -> None:
    """List the scheduled exports, each with a download link and a button to stop it."""
    if not exports_list:
        return
    st.subheader("Scheduled exports")
    for export in exports_list:
        with st.container(border=True):
            text, buttons = st.columns([3, 2], vertical_alignment="center")
            text.markdown(
                f"**{label(export.kind)}** as {FORMATS[export.form]}  \n"
                f":gray[{_description(export)}]"
            )
            with buttons.container(horizontal=True, horizontal_alignment="right"):
                st.link_button(
                    "Fetch", f"{exports.FILES_URL}/{export.address}", icon=":material/download:"
                )
                st.button(
                    "Stop",
                    key=f"{STOP}_{export.id}",
                    icon=":material/event_busy:",
                    type="tertiary",
                    help=f"No more mails about {label(export.kind).lower()}",
                    on_click=forms.run_and_announce,
                    args=(STOP, partial(_stop, export.id)),
                )


def label(kind: str) -> str:
    """Return the label of a kind of export."""
    return kind.replace("-", " ").capitalize()


def _description(export: exports.ScheduledExport) -> str:
    rows = "the rows you chose" if export.filtered else "everything"
    if export.only_new:
        rows = "the gifts you chose" if export.filtered else "every gift"
        rows += f" of the {'week' if export.rhythm == 'weekly' else 'month'} just ended"
    rows += f", {export.counted}" if export.counted else ""
    next_day = day(export.next_on, today=today())
    return f"{exports.RHYTHMS[export.rhythm]}, {rows} · next on {next_day}"


@st.dialog("Schedule an export", icon=":material/event_repeat:")
def _ask_schedule(kind: str, query: exports.ExportQuery) -> None:
    selection = " with the rows and columns you chose" if query != exports.ExportQuery() else ""
    st.markdown(
        f"You get a mail with a link to **{label(kind).lower()}**{selection}. The file is made "
        "when you fetch it, after signing in; the mail itself contains no data."
    )
    with st.form(NEW, border=False):
        forms.choice(
            "How often?",
            NEW,
            "rhythm",
            list(exports.RHYTHMS),
            format_func=lambda option: exports.RHYTHMS[option],
        )
        forms.choice("As", NEW, "form", list(FORMATS), format_func=lambda option: FORMATS[option])
        if kind == "gifts":
            forms.choice("Which gifts?", NEW, "which", [FRESH, ALL])
        forms.save_button(
            "Send it regularly", key=NEW, icon="event_repeat", work=partial(_schedule, kind, query)
        )


def _schedule(kind: str, query: exports.ExportQuery, db: Session) -> str:
    name = forms.choice_value(NEW, "rhythm", str)
    rhythm = next(rhythm for rhythm in exports.RHYTHMS if rhythm == name)
    exports.schedule_export(
        db,
        current_actor(),
        kind=kind,
        form=forms.choice_value(NEW, "form", str),
        query=query,
        rhythm=rhythm,
        only_new=kind == "gifts" and forms.field_value(NEW, "which", str) == FRESH,
        today=today(),
    )
    return f"{label(kind)} will be announced by mail. Stop it on the Export page."


def _stop(regular_id: int, db: Session) -> str:
    exports.stop_scheduled_export(db, current_actor(), export_id=regular_id)
    return "The scheduled export is stopped."
