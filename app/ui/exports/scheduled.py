"""Scheduled exports: the dialog to create one, and the list of the user's own."""

from functools import partial

import streamlit as st

from app import exports
from app.db import Session
from app.kit.formatting import day
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms

NEW, STOP = "regular", "stop_regular"
FORMS = {"csv": "CSV", "xlsx": "Excel"}
ALL, FRESH = "Everything, each time", "Only the week or month just ended"


def ask(kind: str, asked: exports.ExportQuery, *, key: str) -> None:
    """Draw the button that opens the dialog for a scheduled export of this file."""
    if st.button(
        "Regularly",
        key=f"{NEW}_{key}",
        icon=":material/event_repeat:",
        type="tertiary",
        help="Get a mail with the way to this file every week or month",
    ):
        _dialog(kind, asked)


def listed(found: list[exports.ScheduledExport]) -> None:
    """List the scheduled exports, each with a download link and a button to stop it."""
    if not found:
        return
    st.subheader("Scheduled exports")
    for one in found:
        with st.container(border=True):
            words, buttons = st.columns([3, 2], vertical_alignment="center")
            words.markdown(f"**{called(one.kind)}** as {FORMS[one.form]}  \n:gray[{_says(one)}]")
            with buttons.container(horizontal=True, horizontal_alignment="right"):
                st.link_button("Fetch", f"/api/v1/files/{one.address}", icon=":material/download:")
                st.button(
                    "Stop",
                    key=f"{STOP}_{one.id}",
                    icon=":material/event_busy:",
                    type="tertiary",
                    help=f"No more mails about {called(one.kind).lower()}",
                    on_click=forms.do,
                    args=(STOP, partial(_stop, one.id)),
                )


def called(kind: str) -> str:
    """Return the label of a kind of export."""
    return kind.replace("-", " ").capitalize()


def _says(one: exports.ScheduledExport) -> str:
    rows = "the rows you chose" if one.filtered else "everything"
    if one.only_new:
        rows = "the gifts you chose" if one.filtered else "every gift"
        rows += f" of the {'week' if one.rhythm == 'weekly' else 'month'} just ended"
    following = day(one.next_on, today=today())
    return f"{exports.RHYTHMS[one.rhythm]}, {rows} · next on {following}"


@st.dialog("Schedule an export", icon=":material/event_repeat:")
def _dialog(kind: str, asked: exports.ExportQuery) -> None:
    chosen = " with the rows and columns you chose" if asked != exports.ExportQuery() else ""
    st.markdown(
        f"You get a mail with the way to **{called(kind).lower()}**{chosen}. The file is made "
        "when you fetch it, after signing in; nothing of it stands in the mail."
    )
    with st.form(NEW, border=False):
        forms.choice(
            "How often?",
            NEW,
            "rhythm",
            list(exports.RHYTHMS),
            spelled=lambda one: exports.RHYTHMS[one],
        )
        forms.choice("As", NEW, "form", list(FORMS), spelled=lambda one: FORMS[one])
        if kind == "gifts":
            forms.choice("Which gifts?", NEW, "which", [FRESH, ALL])
        forms.save(
            "Send it regularly", key=NEW, icon="event_repeat", work=partial(_ask, kind, asked)
        )


def _ask(kind: str, asked: exports.ExportQuery, db: Session) -> str:
    rhythm = forms.typed(NEW, "rhythm")
    exports.schedule_export(
        db,
        current_actor(),
        kind=kind,
        form=forms.typed(NEW, "form"),
        query=asked,
        rhythm=rhythm,
        only_new=kind == "gifts" and forms.typed(NEW, "which") == FRESH,
        today=today(),
    )
    return f"{called(kind)} will be announced by mail. Stop it on the Export page."


def _stop(regular_id: int, db: Session) -> str:
    exports.stop_scheduled_export(db, current_actor(), export_id=regular_id)
    return "The file does not come any more."
