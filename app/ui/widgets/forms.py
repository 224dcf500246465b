"""Form widgets: save in one transaction, show an error when refused, a toast when done."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Literal, TypedDict, TypeVar, Unpack

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.db import Session, transaction
from app.kit.dates.days import EARLIEST, LATEST
from app.kit.errors import ConfirmFirstError, DonorCrmError
from app.ui.base import formats
from app.ui.base.formats import escape
from app.ui.base.session import current_actor
from app.ui.widgets import confirm

# the action of a click; returns the confirmation message
Work = Callable[[Session], str]
V = TypeVar("V")

_MESSAGE = "said"


def announce() -> None:
    """Show the message of the action before this rerun; pages with forms call this once.

    An action that waits for a confirmation opens its dialog here.
    """
    announce_message()
    confirm.show_dialog(announce_later)


def announce_message() -> None:
    """Show the message of the action before this rerun, if it was not shown yet."""
    sentence, refused = st.session_state.pop(_MESSAGE, ("", False))
    if sentence and refused:
        st.toast(escape(sentence), icon=":material/error:", duration="long")
    elif sentence:
        st.toast(escape(sentence), icon=":material/check:")


def announce_later(sentence: str, *, refused: bool = False) -> None:
    """Store a sentence for the toast of the next rerun; `refused` means that nothing was done."""
    st.session_state[_MESSAGE] = sentence, refused


def run(key: str, work: Work) -> None:
    """Do the work in one transaction; store its message or its error."""
    try:
        with transaction(current_actor()) as db:
            message = work(db)
    except ConfirmFirstError as error:
        confirm.store_action(key, partial(run, key, work), error)
    except DonorCrmError as error:
        st.session_state[f"{key}_refused"] = error
    else:
        st.session_state[f"{key}_done"] = message


def run_and_announce(key: str, work: Work) -> None:
    """Do the work of a click outside of a form; show its message or error as a toast."""
    run(key, work)
    message = st.session_state.pop(f"{key}_done", None)
    refused = st.session_state.pop(f"{key}_refused", None)
    if message or refused:
        announce_later(message or str(refused), refused=not message)


def save_button(
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
    show_refusal(key)
    close_when_done(key)


def show_refusal(key: str) -> None:
    """Show why the last click was refused, if it was."""
    refused = st.session_state.pop(f"{key}_refused", None)
    if refused is not None:
        st.error(escape(str(refused)), icon=":material/error:")


def close_when_done(key: str) -> None:
    """Close the dialog if its work is done or waits for a confirmation."""
    confirm.close_for_dialog()
    message = st.session_state.pop(f"{key}_done", None)
    if message is not None:
        announce_later(message)
        st.rerun()


def field_value(key: str, name: str, kind: type[V]) -> V | None:
    """Return the current value of a field of a form, or None if it is empty."""
    value = st.session_state.get(f"{key}_{name}")
    return value if isinstance(value, kind) else None


def choice_value(key: str, name: str, kind: type[V]) -> V:
    """Return the current value of a field that cannot be empty.

    Raises:
        LookupError: the form has no such field.
    """
    value = field_value(key, name, kind)
    if value is None:
        msg = f"{key} has no value for {name}"
        raise LookupError(msg)
    return value


def text_value(key: str, name: str) -> str:
    """Return the current text of a field of a form, "" if it is empty."""
    return field_value(key, name, str) or ""


class TextOptions(TypedDict, total=False):
    """Further arguments of Streamlit's text field."""

    type: Literal["default", "password"]
    placeholder: str
    help: str
    max_chars: int
    autocomplete: str
    disabled: bool
    live: bool


def cells(per_row: int = 2) -> Iterator[DeltaGenerator]:
    """Yield places for fields side by side, row after row.

    On a phone, where columns stack, and for the Tab key the fields keep this order.
    """
    while True:
        yield from st.columns(per_row)


def text(
    label: str, key: str, name: str, value: str | None = "", **options: Unpack[TextOptions]
) -> None:
    """Draw a text field."""
    st.text_input(label, value or "", key=f"{key}_{name}", **options)


def day(label: str, key: str, name: str, value: date | None) -> None:
    """Draw a date field; the feature packages validate the date."""
    st.date_input(
        label,
        value,
        min_value=EARLIEST,
        max_value=LATEST,
        key=f"{key}_{name}",
        format=formats.day_pattern(),
    )


def choice(
    label: str,
    key: str,
    name: str,
    options: Sequence[V],
    *,
    value: V | None = None,
    format_func: Callable[[V], str] | None = None,
    empty: str | None = None,
) -> None:
    """Draw a select box; `empty` is the label for no choice."""
    choices: list[V | None] = [*([None] if empty is not None else []), *options]

    def label_of(option: V | None) -> str:
        if option is None:
            return empty or ""
        return format_func(option) if format_func else str(option).capitalize()

    st.selectbox(
        label,
        choices,
        index=choices.index(value) if value in choices else 0,
        format_func=label_of,
        key=f"{key}_{name}",
        # a field that is emptied by a script has no option any more, and says the same
        placeholder=empty or None,
    )
