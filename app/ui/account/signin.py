"""My settings: password change and active sessions."""

import streamlit as st

from app import accounts
from app.accounts import Actor, Device
from app.db import Session
from app.kit.errors import InvalidError
from app.kit.user_agents import describe_device
from app.ui.base.formats import escape, moment
from app.ui.base.session import current_actor, current_session, now, today
from app.ui.widgets import forms

PASSWORD, DEVICES = "password", "devices"


def show_password_form() -> None:
    """Draw the form for changing the password."""
    with st.form(PASSWORD, clear_on_submit=True):
        st.subheader("Password")
        forms.text("Current password", PASSWORD, "old", type="password")
        forms.text(
            "New password",
            PASSWORD,
            "new",
            type="password",
            help="Twelve characters or more. Four unrelated words work well.",
        )
        forms.text("New password once more", PASSWORD, "again", type="password")
        forms.save_button(
            "Change password",
            key=PASSWORD,
            work=_save_password,
            icon="lock_reset",
            confirm_by="old",
        )


def show_sessions(actor: Actor, sessions: list[Device]) -> None:
    """List the actor's active sessions with the button that ends all others."""
    with st.container(border=True, key="list_devices"):
        st.subheader("Active sessions")
        for session in sessions:
            last_seen = "this device" if session.session_id == current_session() else "seen "
            if last_seen == "seen ":
                last_seen += moment(session.last_seen_at, actor.time_zone, today=today())
            address = f"{escape(session.address)} · " if session.address else ""
            st.markdown(
                f"**{describe_device(session.user_agent)}**  \n:gray[{address}{last_seen}]"
            )
        st.button(
            "Sign out other devices",
            icon=":material/devices_off:",
            on_click=_sign_out_others,
            help="Passkeys stay. Remove them under Passkeys.",
        )


def _save_password(db: Session) -> str:
    new = forms.text_value(PASSWORD, "new")
    if new.strip() != forms.text_value(PASSWORD, "again").strip():
        msg = "The two new passwords differ."
        raise InvalidError(msg)
    accounts.change_password(
        db,
        current_actor(),
        old=forms.text_value(PASSWORD, "old"),
        new=new,
        keep_session=current_session(),
        now=now(),
    )
    return "Your new password is set. Other devices and programs are signed out."


def _sign_out_others() -> None:
    def work(db: Session) -> str:
        ended = accounts.end_other_sessions(db, current_actor(), keep=current_session(), now=now())
        return "The other devices are signed out." if ended else "No other device was signed in."

    forms.run_and_announce(DEVICES, work)
