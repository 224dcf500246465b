"""Screen of the outbox: all e-mails with their state; failed ones can be sent again."""

import streamlit as st

from app import mail
from app.accounts import Role, require
from app.db import transaction
from app.ui.admin import mail_log, outbox
from app.ui.base.formats import count
from app.ui.base.session import current_actor
from app.ui.widgets import forms, tables

STATES = {
    "All": (),
    "Waiting": ("queued", "sending"),
    "Sent": ("sent",),
    "Failed": ("failed",),
    "Suppressed": ("suppressed",),
}
EMPTY = {
    "All": "No e-mail has been written yet. The first weekly summary will appear here.",
    "Waiting": "No e-mail is waiting.",
    "Sent": "Nothing has been sent yet.",
    "Failed": "No e-mail has failed.",
    "Suppressed": "No address is suppressed.",
}

actor = current_actor()
require(actor, Role.ADMIN)
forms.announce()
with transaction(actor) as db:
    states = mail.states(db)
waiting = states.get("queued", 0) + states.get("sending", 0)
st.title("Outbox")
st.caption(
    f"{count(waiting, 'message')} waiting · {states.get('sent', 0):,} sent · "
    f"{states.get('failed', 0):,} failed"
)
selection = st.segmented_control(
    "Which messages",
    list(STATES),
    default="All",
    required=True,
    key="show",
    bind="query-params",
    label_visibility="collapsed",
)
with transaction(actor) as db:
    messages = mail.messages(db, states=STATES[selection or "All"])
    failed = mail.messages(db, states=("failed",), limit=20)
    suppressed = mail.suppressed_addresses(db)
if selection in {"All", "Failed"}:
    outbox.show_failures(failed)
if selection in {"All", "Suppressed"}:
    mail_log.show_suppressed(suppressed, actor)
if not messages:
    with st.container(border=True):
        tables.show_empty("outgoing_mail", EMPTY[selection or "All"])
    st.stop()
outbox.show_table(messages, actor)
