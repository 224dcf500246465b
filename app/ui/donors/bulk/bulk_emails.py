"""The e-mail addresses of the ticked or all filtered donors, to paste into a mail program."""

import streamlit as st

from app import exports
from app.db import Session
from app.ui.base.formats import escape, locale
from app.ui.base.session import current_actor, now
from app.ui.donors.bulk.chosen import Chosen
from app.ui.widgets import forms

BULK, FOUND = "bulk_emails", "bulk_emails_found"


def show_button(chosen: Chosen) -> None:
    """Draw the button that asks whose addresses, for roles that may export donors."""
    actor = current_actor()
    if actor.looking or "donors" not in exports.exportable(actor):
        return
    if st.button("Copy e-mails", icon=":material/alternate_email:", key=f"{BULK}_open"):
        ask(chosen)


@st.dialog("Copy e-mails", icon=":material/alternate_email:")
def ask(chosen: Chosen) -> None:
    """Ask whose addresses are wanted."""

    def work(db: Session) -> str:
        ids = chosen.ids(db, BULK)
        found = exports.copy_emails(db, current_actor(), donor_ids=ids, now=now())
        st.session_state[FOUND] = found
        return found.sentence(locale())

    with st.form(BULK, border=False):
        st.caption("Donors who do not want e-mail are left out. The export is recorded.")
        chosen.ask(BULK)
        forms.save_button("Show the addresses", key=BULK, icon="alternate_email", work=work)


def show_found() -> None:
    """Draw the addresses that were asked for last, until they are closed."""
    found = st.session_state.get(FOUND)
    if not isinstance(found, exports.CopiedEmails):
        return
    with st.container(border=True, key=f"{BULK}_box"):
        st.caption(escape(found.sentence(locale())))
        if found.emails:
            st.code(", ".join(found.emails), language=None, wrap_lines=True, height=120)
            st.caption("Paste them into the field Bcc, so that donors do not see each other.")
        st.button("Close", icon=":material/close:", key=f"{BULK}_close", on_click=_close)


def _close() -> None:
    st.session_state[FOUND] = None
