"""Mail sent to a user, preview of the weekly summary, and suppressed addresses."""

from functools import partial

import streamlit as st

from app import mail, summaries
from app.accounts import Actor, Role, UserLine, require
from app.db import Session, transaction
from app.ui.base.formats import day_pattern, escape, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

PREVIEW = "/api/v1/summary"
STATES = {
    "queued": ("schedule_send", "waiting"),
    "sending": ("outgoing_mail", "being sent"),
    "sent": ("mark_email_read", "sent"),
    "failed": ("error", "did not arrive"),
    "suppressed": ("block", "not sent"),
}
FEW, MANY = 5, 25


def show_own(actor: Actor, messages: list[mail.Message]) -> None:
    """Draw the actor's summary preview, the button to send it now, and recent mail."""
    with st.container(border=True, key="list_mail"):
        st.subheader("Mail to you")
        with st.container(horizontal=True):
            st.link_button("Preview my summary", PREVIEW, icon=":material/visibility:")
            if not actor.looking:
                st.button(
                    "Send me one now",
                    icon=":material/send:",
                    key="send_me_one",
                    on_click=forms.run_and_announce,
                    args=("send_me_one", _send_me_one),
                )
        _show_messages(messages, actor)


def _send_me_one(db: Session) -> str:
    actor = current_actor()
    if summaries.send_now(db, actor, today=today(), now=now()):
        return f"Your summary is on its way to {actor.email}."
    return "One was sent within this minute. Look into your mail first."


@st.dialog("Mail", icon=":material/mail:")
def show_of_user(person: UserLine) -> None:
    """Show an administrator a user's mail, and a preview of their summary for any day."""
    actor = current_actor()
    st.markdown(f"**{escape(person.name)}** · {escape(person.email)}")
    summary_day = st.date_input(
        "Their weekly summary, as written on",
        value=today(),
        key="summary_on",
        format=day_pattern(),
    )
    st.link_button(
        "Preview",
        f"{PREVIEW}?of={person.user_id}&on={summary_day:%Y-%m-%d}",
        icon=":material/visibility:",
    )
    with transaction(actor) as db:
        messages = mail.messages(db, user_id=person.user_id, limit=MANY)
    _show_messages(messages, actor)


def _show_messages(messages: list[mail.Message], actor: Actor) -> None:
    if not messages:
        st.caption("No mail yet. Weekly summaries and alerts are listed here.")
    for message in messages:
        icon, state = STATES[message.state]
        moment_of_state = (
            message.sent_at if message.state == "sent" and message.sent_at else message.created_at
        )
        time_text = moment(moment_of_state, actor.time_zone, today=today())
        error = (
            f"  \n:gray[{escape(message.error)}]"
            if message.error and message.state != "sent"
            else ""
        )
        st.markdown(
            f":material/{icon}: {escape(message.subject)}  \n:gray[{state} {time_text}]{error}"
        )


def show_suppressed(addresses: list[mail.SuppressedAddress], actor: Actor) -> None:
    """List the suppressed addresses, each with a button to allow it again."""
    if not addresses:
        return
    st.subheader("Suppressed addresses")
    with st.container(border=True, key="list_stopped"):
        for address in addresses:
            details, action = st.columns([5, 1], vertical_alignment="center")
            since = moment(address.since, actor.time_zone, today=today())
            details.markdown(
                f":material/block: **{escape(address.email)}**  \n"
                f":gray[{escape(address.reason)} Stopped {since}.]"
            )
            action.button(
                "Allow again",
                key=f"allow_{address.email}",
                width="stretch",
                on_click=forms.run_and_announce,
                args=("allow", partial(_allow, address.email)),
            )


def _allow(email: str, db: Session) -> str:
    require(current_actor(), Role.ADMIN)
    mail.allow_address(db, email=email)
    return f"{email} is sent mail again."
