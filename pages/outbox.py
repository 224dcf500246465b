"""Screen of the outbox: all e-mails with their state; failed ones can be sent again."""

import streamlit as st

from app import mail
from app.accounts import Role, require
from app.db import Session, transaction
from app.ui.admin import mail_log
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms, tables

SHOWN = {
    "All": (),
    "Waiting": ("queued", "sending"),
    "Sent": ("sent",),
    "Failed": ("failed",),
    "Suppressed": ("suppressed",),
}
WORDS = {
    "queued": "waiting",
    "sending": "being sent",
    "sent": "sent",
    "failed": "failed",
    "suppressed": "not sent",
}
EMPTY = {
    "All": "No e-mail has been written yet. The first weekly summary will appear here.",
    "Waiting": "Nothing waits to be sent.",
    "Sent": "Nothing has been sent yet.",
    "Failed": "No e-mail has failed.",
    "Suppressed": "Every address may be sent mail.",
}


def send_again(message_id: int, to: str) -> None:
    """Queue a failed message again."""

    def work(db: Session) -> str:
        require(actor, Role.ADMIN)
        mail.resend(db, message_id=message_id, now=now())
        return f"The message to {to} waits to be sent again."

    forms.do("resend", work)


def when(message: mail.Message) -> str:
    """Return when a message was sent, will be retried or was written."""
    if message.state == "sent" and message.sent_at:
        return moment(message.sent_at, actor.time_zone, today=today())
    if message.state == "queued" and message.tries:
        return f"next try {moment(message.next_try_at, actor.time_zone, today=today())}"
    return f"written {moment(message.created_at, actor.time_zone, today=today())}"


def failures(failed: list[mail.Message]) -> None:
    """List the failed messages with the server's error and a button to send again."""
    if not failed:
        return
    st.subheader(f"{count(len(failed), 'message')} failed")
    with st.container(border=True, key="list_failed"):
        for one in failed:
            what, ask = st.columns([5, 1], vertical_alignment="center")
            what.markdown(
                f":material/error: **{escape(one.to_email)}** · {escape(one.subject)}  \n"
                f":gray[{escape(one.error or 'No reason was given.')}]"
            )
            ask.button(
                "Send again",
                key=f"again_{one.message_id}",
                width="stretch",
                on_click=send_again,
                args=(one.message_id, one.to_email),
            )


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
chosen = st.segmented_control(
    "Which messages",
    list(SHOWN),
    default="All",
    required=True,
    key="show",
    bind="query-params",
    label_visibility="collapsed",
)
with transaction(actor) as db:
    messages = mail.messages(db, states=SHOWN[chosen or "All"])
    failed = mail.messages(db, states=("failed",), limit=20)
    stopped = mail.stopped(db)
if chosen in {"All", "Failed"}:
    failures(failed)
if chosen in {"All", "Suppressed"}:
    mail_log.stopped(stopped, actor)
if not messages:
    with st.container(border=True):
        tables.nothing("outgoing_mail", EMPTY[chosen or "All"])
    st.stop()
tables.show(
    messages,
    [
        tables.text("To", lambda one: one.to_email),
        tables.text("Subject", lambda one: one.subject, width="medium"),
        tables.text("How it stands", lambda one: WORDS[one.state]),
        tables.text("When", when),
        tables.number("Tries", lambda one: one.tries),
        tables.text("Kind", lambda one: one.name.replace("_", " ")),
        tables.text("Last answer", lambda one: one.error),
    ],
    key="outbox",
    today=today(),
)
