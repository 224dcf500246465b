"""Screen of the outbox: all e-mails with their state; failed ones can be sent again."""

import streamlit as st

from app import mail
from app.accounts import Role, require
from app.db import transaction
from app.ui.admin import mail_log, outbox
from app.ui.base.formats import count, number
from app.ui.base.session import current_actor
from app.ui.widgets import forms, tables
from app.ui.widgets.url_filters import Filter, UrlFilters, labelled

STATES = {
    "all": (),
    "waiting": ("queued", "sending"),
    "sent": ("sent",),
    "failed": ("failed",),
    "suppressed": ("suppressed",),
}
SHOWN = Filter("Which messages", "show", labelled(list(STATES), str.capitalize), "all")
EMPTY = {
    "all": "No e-mail has been written yet. The first weekly summary will appear here.",
    "waiting": "No e-mail is waiting.",
    "sent": "Nothing has been sent yet.",
    "failed": "No e-mail has failed.",
    "suppressed": "No address is suppressed.",
}

actor = current_actor()
require(actor, Role.ADMIN)
forms.announce()
with transaction(actor) as db:
    states = mail.states(db)
waiting = states.get("queued", 0) + states.get("sending", 0)
st.title("Outbox")
st.caption(
    f"{count(waiting, 'message')} waiting · {number(states.get('sent', 0))} sent · "
    f"{number(states.get('failed', 0))} failed"
)
filters = UrlFilters()
selection = filters.segments(SHOWN, visible_label=False)
filters.show_refused()
with transaction(actor) as db:
    messages = mail.messages(db, states=STATES[selection])
    failed = mail.messages(db, states=("failed",), limit=20)
    suppressed = mail.suppressed_addresses(db)
if selection in {"all", "failed"}:
    outbox.show_failures(failed)
if selection in {"all", "suppressed"}:
    mail_log.show_suppressed(suppressed, actor)
if not messages:
    with st.container(border=True):
        tables.show_empty("outgoing_mail", EMPTY[selection], guide="outbox")
    st.stop()
outbox.show_table(messages, actor)
