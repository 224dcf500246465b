"""Outbox of all e-mails: table with states, and failed messages to send again."""

import streamlit as st

from app import mail
from app.accounts import Actor, Role, require
from app.db import Session
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms, tables

WORDS = {
    "queued": "waiting",
    "sending": "being sent",
    "sent": "sent",
    "failed": "failed",
    "suppressed": "not sent",
}


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
                on_click=_send_again,
                args=(one.message_id, one.to_email),
            )


def _send_again(message_id: int, to: str) -> None:
    """Queue a failed message again."""

    def work(db: Session) -> str:
        require(current_actor(), Role.ADMIN)
        mail.resend(db, message_id=message_id, now=now())
        return f"The message to {to} waits to be sent again."

    forms.do("resend", work)


def show(messages: list[mail.Message], actor: Actor) -> None:
    """Draw the table of messages."""
    tables.show(
        messages,
        [
            tables.text("To", lambda one: one.to_email),
            tables.text("Subject", lambda one: one.subject, width="medium"),
            tables.text("How it stands", lambda one: WORDS[one.state]),
            tables.text("When", lambda one: _when(one, actor)),
            tables.number("Tries", lambda one: one.tries),
            tables.text("Kind", lambda one: one.name.replace("_", " ")),
            tables.text("Last answer", lambda one: one.error),
        ],
        key="outbox",
        today=today(),
    )


def _when(message: mail.Message, actor: Actor) -> str:
    """Return when a message was sent, will be retried or was written."""
    if message.state == "sent" and message.sent_at:
        return moment(message.sent_at, actor.time_zone, today=today())
    if message.state == "queued" and message.tries:
        return f"next try {moment(message.next_try_at, actor.time_zone, today=today())}"
    return f"written {moment(message.created_at, actor.time_zone, today=today())}"
