"""Required two-factor authentication: the setup page that blocks all others, and a reminder."""

from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from app import accounts
from app.accounts import Actor
from app.db import transaction
from app.ui.account import mfa, passkeys
from app.ui.base.formats import day, escape
from app.ui.base.screens import screen
from app.ui.base.session import current_actor, today
from app.ui.signin import form
from app.ui.widgets import forms

_SETTING_UP = "mfa_setting_up"


def is_required(actor: Actor) -> bool:
    """Return whether this session must set up a second factor or still shows recovery codes."""
    if actor.must_set_up:
        st.session_state[_SETTING_UP] = True
        return True
    if st.session_state.get(_SETTING_UP) and mfa.shows_recovery_codes():
        return True
    st.session_state.pop(_SETTING_UP, None)
    return False


def setup_page() -> None:
    """Draw the setup of both second factors, or ask for the one that exists already."""
    actor = current_actor()
    forms.announce()
    with transaction(actor) as db:
        factors = accounts.own_factors(db, actor)
        status = accounts.mfa_status(db, actor)
    _, middle, _ = st.columns([1, 1.8, 1])
    with middle, st.container(key="welcome"):
        st.title("Two-factor authentication")
        if factors.exist and actor.must_set_up:
            _ask_existing_factor(actor, passkeys_there=factors.passkeys > 0)
            return
        st.markdown(
            f"{escape(actor.name)}, your organisation requires two-factor authentication for your "
            "role. Set up one of these, then go on where you were."
        )
        if accounts.passkeys_available() and actor.must_set_up:
            with st.container(border=True):
                st.subheader("A passkey")
                st.markdown("Your fingerprint, face or device PIN. The quickest way.")
                passkeys.show_link("Add a passkey", passkeys.ADD_PAGE, primary=True)
        mfa.show_section(actor, status, title="Codes from an authenticator app")


def _ask_existing_factor(actor: Actor, *, passkeys_there: bool) -> None:
    """Ask for the existing factor: a password alone must not allow adding another one."""
    st.markdown(
        f"{escape(actor.name)}, your organisation requires two-factor authentication for your "
        "role, and you signed in with your password alone."
    )
    if passkeys_there and accounts.passkeys_available():
        passkeys.show_link("Use your passkey", passkeys.SIGN_IN_PAGE, primary=True)
    else:
        st.button("Sign in again", type="primary", on_click=form.sign_out)
    st.caption("You no longer have it? An administrator can reset it on the People screen.")


def show_reminder(actor: Actor, page: object) -> None:
    """Show during the grace period until when a second factor has to be set up."""
    settings = screen("settings")
    if actor.must_set_up or actor.set_up_by is None or actor.looking:
        return
    if getattr(page, "url_path", "") == settings.url_path:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="mfa_due"):
        st.markdown(
            f":material/phonelink_lock: {_reminder_text(actor.set_up_by, actor)}", width="stretch"
        )
        st.page_link(settings.path, label="Set it up", icon=":material/arrow_forward:")


def _reminder_text(due: datetime, actor: Actor) -> str:
    due_day = due.astimezone(ZoneInfo(actor.time_zone)).date()
    return f"From {day(due_day, today=today())} your role needs two-factor authentication."
