"""Form widgets: save in one transaction, show an error when refused, a toast when done."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from app.db import Session, transaction
from app.kit.errors import ConfirmFirstError, DonorCrmError
from app.ui.base.formats import escape
from app.ui.base.session import current_actor
from app.ui.widgets import confirm

# the action of a click; returns the confirmation message
Work = Callable[[Session], str]

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
_SAID = "said"


def announce() -> None:
    """Show the message of the action before this rerun; pages with forms call this once.

    An action that waits for a confirmation opens its dialog here.
    """
    sentence = st.session_state.pop(_SAID, None)
    if sentence:
        st.toast(escape(sentence), icon=":material/check:")
    confirm.offer(say)


def say(sentence: str) -> None:
    """Store a sentence for the toast of the next rerun."""
    st.session_state[_SAID] = sentence


def run(key: str, work: Work) -> None:
    """Do the work in one transaction; store its message or its error."""
    try:
        with transaction(current_actor()) as db:
            done = work(db)
    except ConfirmFirstError as error:
        confirm.later(key, partial(run, key, work), error)
    except DonorCrmError as error:
        st.session_state[f"{key}_refused"] = error
    else:
        st.session_state[f"{key}_done"] = done


def do(key: str, work: Work) -> None:
    """Do the work of a click outside of a form; show its message or error as a toast."""
    run(key, work)
    done = st.session_state.pop(f"{key}_done", None)
    refused = st.session_state.pop(f"{key}_refused", None)
    if done or refused:
        say(done or str(refused))


def save(
    label: str, *, key: str, work: Work, icon: str = "check", confirm_by: str | None = None
) -> None:
    """Draw the save button of a form, and the error if saving was refused.

    The work must read the fields with `typed`, so that it sees the values of this click. When it
    is done, the dialog closes and the page shows the message. `confirm_by` is the name of a
    field that must contain the current password.
    """
    act = partial(run, key, work)
    st.form_submit_button(
        label,
        type="primary",
        icon=f":material/{icon}:",
        on_click=partial(confirm.with_password, key, confirm_by, act) if confirm_by else act,
        width="stretch",
    )
    refusal(key)
    close_when_done(key)


def refusal(key: str) -> None:
    """Show why the last click was refused, if it was."""
    refused = st.session_state.pop(f"{key}_refused", None)
    if refused is not None:
        st.error(escape(str(refused)), icon=":material/error:")


def close_when_done(key: str) -> None:
    """Close the dialog if its work is done or waits for a confirmation."""
    confirm.close_for_dialog()
    done = st.session_state.pop(f"{key}_done", None)
    if done is not None:
        say(done)
        st.rerun()


def typed(key: str, name: str) -> Any:
    """Return the current value of a field of a form."""
    return st.session_state.get(f"{key}_{name}")


def text(label: str, key: str, name: str, value: str | None = "", **more: Any) -> None:
    """Draw a text field."""
    st.text_input(label, value or "", key=f"{key}_{name}", **more)


def day(label: str, key: str, name: str, value: date | None, **more: Any) -> None:
    """Draw a date field; the feature packages validate the date."""
    st.date_input(
        label,
        value,
        min_value=EARLIEST,
        max_value=LATEST,
        key=f"{key}_{name}",
        format="YYYY-MM-DD",
        **more,
    )


def choice(
    label: str,
    key: str,
    name: str,
    options: Sequence[Any],
    *,
    value: Any = None,
    spelled: Callable[[Any], str] | None = None,
    empty: str | None = None,
) -> None:
    """Draw a select box; `empty` is the label for no choice."""
    known = ([None] if empty is not None else []) + list(options)

    def word(one: Any) -> str:
        if one is None:
            return empty or ""
        return spelled(one) if spelled else str(one).capitalize()

    st.selectbox(
        label,
        known,
        index=known.index(value) if value in known else 0,
        format_func=word,
        key=f"{key}_{name}",
    )
