"""Second step of the sign-in: prompt for the two-factor code after the password."""

from collections.abc import Callable

import streamlit as st

from app import accounts
from app.accounts import CodeRequired
from app.db import Session, transaction_for_system
from app.ui.base.session import caller, device, now

_NEEDED = "second_step"
WRONG = "This code is not right, or was used before. After five wrong tries, wait a few minutes."


def require_code(needed: CodeRequired) -> None:
    """Make the next rerun prompt for the code."""
    st.session_state[_NEEDED] = needed


def is_pending() -> bool:
    """Return whether the password was correct here and the code is still pending."""
    needed = st.session_state.get(_NEEDED)
    if isinstance(needed, CodeRequired) and now() < needed.until:
        return True
    st.session_state.pop(_NEEDED, None)
    return False


def ask_code(open_here: Callable[[Session, int], None]) -> None:
    """Prompt for the code; if it is correct, call `open_here` to open the session."""
    st.write("Your password is right. Now the code your authenticator app shows:")
    with st.form("second_step_form"):
        code = st.text_input(
            "Code",
            key="second_step_code",
            max_chars=40,
            autocomplete="one-time-code",
            help="Six digits. Without your phone, type one of your recovery codes.",
        )
        submitted = st.form_submit_button("Sign in", type="primary", width="stretch")
    if st.button("Start again", icon=":material/arrow_back:", type="tertiary"):
        st.session_state.pop(_NEEDED)
        st.rerun()
    if not submitted:
        return
    with transaction_for_system() as db:
        needed = st.session_state[_NEEDED]
        actor = accounts.sign_in_with_code(
            db, needed=needed, code=code, now=now(), caller=caller(), device=device()
        )
        if actor is not None:
            open_here(db, actor.user_id)
    if actor is None:
        st.error(WRONG, icon=":material/lock:")
        return
    st.session_state.pop(_NEEDED)
