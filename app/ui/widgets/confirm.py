"""The dialog “Please confirm it is you”, for actions that require the password or a code again.

An action refused with ConfirmFirstError is stored with the form's values. The dialog opens at the
next rerun of the page, and after the correct password the action continues.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app import accounts
from app.db import transaction
from app.kit.errors import ConfirmFirstError, InvalidError
from app.ui.base.session import current_actor, now

FORM = "confirm"
_PENDING, _SECRET = "confirm_pending", "confirm_secret"
WRONG = "This is not right. After five wrong tries, wait a few minutes."


@dataclass
class PendingAction:
    """A waiting action: callback, form values, and the secrets that the user can enter."""

    key: str
    act: Callable[[], None]
    error: ConfirmFirstError
    typed: dict[str, Any]
    is_open: bool = False
    wrong: bool = field(default=False)


def store_action(key: str, act: Callable[[], None], error: ConfirmFirstError) -> None:
    """Store an action and the fields of its form, whose keys begin with `key`."""
    field_names = [str(name) for name in st.session_state if str(name).startswith(f"{key}_")]
    typed = {name: st.session_state[name] for name in field_names}
    st.session_state[_PENDING] = PendingAction(key, act, error, typed)


def close_for_dialog() -> None:
    """Close the dialog of the waiting action, so that the confirmation can open."""
    pending = st.session_state.get(_PENDING)
    if isinstance(pending, PendingAction) and not pending.is_open:
        st.rerun()


def show_dialog(say: Callable[[str], None]) -> None:
    """Open the dialog if an action is waiting; `say` shows its result on the page."""
    pending = st.session_state.get(_PENDING)
    if isinstance(pending, PendingAction):
        pending.is_open = True
        _dialog(pending, say)


def secret_is_correct(secret: str) -> bool:
    """Check a password or code in a separate transaction, which counts wrong tries."""
    actor = current_actor()
    if actor.session_id is None:
        return True
    with transaction(actor) as db:
        return accounts.confirm(db, actor, secret=secret, now=now())


def with_password(key: str, name: str, act: Callable[[], None]) -> None:
    """Run an action if the field `name` of its form contains the current password."""
    if secret_is_correct(st.session_state.get(f"{key}_{name}") or ""):
        act()
    else:
        st.session_state[f"{key}_refused"] = InvalidError(
            f"The current password is not right. {WRONG.partition('. ')[2]}"
        )


def _drop_action() -> None:
    st.session_state.pop(_PENDING, None)


@st.dialog("Please confirm it is you", icon=":material/verified_user:", on_dismiss=_drop_action)
def _dialog(pending: PendingAction, say: Callable[[str], None]) -> None:
    if st.session_state.get(_PENDING) is not pending:
        st.rerun()
    if not pending.error.password and not pending.error.code:
        st.markdown(
            "Sign out, sign in again and come back within ten minutes: then this works without "
            "another question."
        )
        return
    st.markdown("For your security. You are not asked again for ten minutes.")
    with st.form(FORM, border=False):
        st.text_input(
            _label(pending.error), key=_SECRET, type="password", autocomplete="current-password"
        )
        st.form_submit_button(
            "Confirm",
            type="primary",
            icon=":material/check:",
            width="stretch",
            on_click=_confirm,
            args=(pending, say),
        )
    if pending.wrong:
        st.error(WRONG, icon=":material/error:")


def _label(error: ConfirmFirstError) -> str:
    if error.password and error.code:
        return "Your password, or a code of your app"
    return "Your password" if error.password else "A code of your app"


def _confirm(pending: PendingAction, say: Callable[[str], None]) -> None:
    """Run the action if the secret is correct, and show its result on the page."""
    if not secret_is_correct(st.session_state.get(_SECRET) or ""):
        pending.wrong = True
        return
    _drop_action()
    for name, value in pending.typed.items():
        st.session_state[name] = value
    pending.act()
    for name in pending.typed:
        st.session_state.pop(name, None)
    message = st.session_state.pop(f"{pending.key}_done", None)
    refused = st.session_state.pop(f"{pending.key}_refused", None)
    if message or refused:
        say(str(message or refused))
