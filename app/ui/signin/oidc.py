"""Sign-in with OpenID Connect: the button, and the return from the provider."""

from collections.abc import Callable

import streamlit as st

from app import accounts
from app.accounts import Actor
from app.db import Session, transaction_for_system
from app.settings import settings
from app.ui.base.formats import escape
from app.ui.base.session import now
from app.ui.signin import mfa_prompt

_PROVIDER = "provider"
_NEEDS_CODE = "provider_seen"


def show_button() -> None:
    """Draw the button that opens the provider, if one is configured."""
    if settings().oidc:
        st.button(
            f"Sign in with {settings().oidc_name}",
            icon=":material/key:",
            width="stretch",
            on_click=st.login,
            args=(_PROVIDER,),
        )


def finish_sign_in(open_here: Callable[[Session, int], None]) -> None:
    """Open a session for a user returning from the provider with a known e-mail address."""
    if not settings().oidc or not st.user.is_logged_in or st.session_state.get("signed_out"):
        return
    if st.session_state.get(_NEEDS_CODE):
        return
    email = str(st.user.get("email") or "")
    verified = st.user.get("email_verified") is True or settings().oidc_trust_email
    with transaction_for_system() as db:
        account = accounts.sign_in_with_provider(db, email=email, verified=verified, now=now())
        if isinstance(account, Actor):
            open_here(db, account.user_id)
    if isinstance(account, accounts.CodeRequired):
        st.session_state[_NEEDS_CODE] = True
        mfa_prompt.require_code(account)
        st.rerun()
    if account is None:
        _show_unknown_user(email, verified=verified)


def _show_unknown_user(email: str, *, verified: bool) -> None:
    account = escape(email) or "this account"
    message = f"There is no account here for {account}. Ask an administrator to invite you."
    if email and not verified:
        message = (
            f"Your provider does not confirm that {account} is yours, so you cannot sign in with "
            "it."
        )
    st.error(message, icon=":material/lock:")
    st.button("Use another account", icon=":material/switch_account:", on_click=st.logout)
