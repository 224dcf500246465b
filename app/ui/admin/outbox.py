"""Outbox of all e-mails: table with states, and failed messages to send again."""

import streamlit as st

from app import mail
from app.accounts import Actor, Role, require
from app.db import Session, transaction
from app.ui.base.formats import count, escape, initial, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms, tables

# the key of the message to open, in the session
OPENED = "outbox_open"
STATE_LABELS = {
    "queued": "waiting",
    "sending": "being sent",
    "sent": "sent",
    "failed": "failed",
    "suppressed": "not sent",
}


def show_failures(failed: list[mail.Message]) -> None:
    """List the failed messages with the server's error and a button to send again."""
    if not failed:
        return
    st.subheader(f"{count(len(failed), 'message')} failed")
    with st.container(border=True, key="list_failed"):
        for message in failed:
            details, action = st.columns([5, 1], vertical_alignment="center")
            details.markdown(
                f":material/error: **{escape(message.to_email)}** · {escape(message.subject)}  \n"
                f":gray[{escape(message.error or 'No reason was given.')}]"
            )
            action.button(
                "Send again",
                key=f"again_{message.message_id}",
                width="stretch",
                on_click=_send_again,
                args=(message.message_id, message.to_email),
            )


def _send_again(message_id: int, email: str) -> None:
    """Queue a failed message again."""

    def work(db: Session) -> str:
        require(current_actor(), Role.ADMIN)
        mail.resend(db, message_id=message_id, now=now())
        return f"The message to {email} waits to be sent again."

    forms.run_and_announce("resend", work)


def show_table(messages: list[mail.Message], actor: Actor) -> None:
    """Draw the table of messages, each with a button that opens it."""
    tables.show(
        messages,
        [
            tables.text("To", lambda message: message.to_email),
            tables.text("Subject", lambda message: message.subject, wide=True),
            tables.text("Status", lambda message: STATE_LABELS[message.state]),
            tables.text("When", lambda message: _time_text(message, actor)),
            tables.number("Tries", lambda message: message.tries),
            tables.text("Kind", lambda message: message.name.replace("_", " ")),
            tables.text("Last answer", lambda message: message.error, wide=True),
            tables.button("Open", lambda _message: True, pressed="open"),
        ],
        key="outbox",
        today=today(),
        identify=lambda message: message.message_id,
        on_press={"open": _choose},
        sortable=False,
    )
    if (chosen := st.session_state.pop(OPENED, None)) is not None:
        _open(chosen)


def _choose(message_id: str) -> None:
    """Store the message to open: a dialog cannot be drawn before the page."""
    st.session_state[OPENED] = int(message_id)


@st.dialog("Message", icon=":material/mail:", width="large")
def _open(message_id: int) -> None:
    """Show one message: to whom, about what, its state, the last error, and its text."""
    actor = current_actor()
    require(actor, Role.ADMIN)
    with transaction(actor) as db:
        opened = mail.opened(db, message_id=message_id)
    message = opened.message
    st.markdown(f"**{escape(message.subject)}**")
    st.markdown(
        f"To {escape(message.to_email)}  \n"
        f":gray[{initial(STATE_LABELS[message.state])} · {_time_text(message, actor)} · "
        f"{count(message.tries, 'try', 'tries')} · {escape(message.name.replace('_', ' '))}]"
    )
    if message.error:
        st.warning(escape(message.error), icon=":material/error:")
    st.code(opened.text, language=None, wrap_lines=True)
    st.caption("Links that work without signing in are cut off here.")


def _time_text(message: mail.Message, actor: Actor) -> str:
    """Return when a message was sent, will be retried or was written."""
    if message.state == "sent" and message.sent_at:
        return moment(message.sent_at, actor.time_zone, today=today())
    if message.state == "queued" and message.tries:
        return f"next try {moment(message.next_try_at, actor.time_zone, today=today())}"
    return f"written {moment(message.created_at, actor.time_zone, today=today())}"
