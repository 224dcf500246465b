"""Questions about unknown values in a file; answers are stored with its column layout."""

from collections.abc import Mapping

import streamlit as st

from app import imports
from app.ui.base.formats import count, escape

_REFUSE = "?"
_NAMES = {_REFUSE: "Leave these rows out", "": "Import without it"}


def key_of(prefix: str) -> str:
    """Return the session state key of the answers for a file."""
    return f"{prefix}_words"


def answers(prefix: str, remembered: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the user's answers so far: field → value in the file → our value."""
    meanings: dict[str, dict[str, str]] = st.session_state.setdefault(
        key_of(prefix), {field: dict(words) for field, words in remembered.items()}
    )
    return meanings


def ask(unknown: tuple[imports.UnknownValues, ...], *, prefix: str) -> None:
    """Ask what each unknown value means; an answer recomputes the plan."""
    if not unknown:
        return
    meanings = answers(prefix, {})
    unanswered = [
        value for value in unknown if value.word.lower() not in meanings.get(value.field, {})
    ]
    title = (
        f"{count(len(unanswered), 'word')} of the file we do not know"
        if unanswered
        else "Unknown values in the file"
    )
    with st.expander(title, expanded=bool(unanswered), icon=":material/translate:"):
        for number, value in enumerate(unknown):
            _ask_meaning(value, meanings, key=f"{prefix}_word_{number}")


def _ask_meaning(
    value: imports.UnknownValues, meanings: dict[str, dict[str, str]], *, key: str
) -> None:
    label, choice = st.columns([3, 2], vertical_alignment="center")
    label.markdown(
        f"**{escape(value.word)}**  \n:gray[{escape(value.header)}, {count(value.rows, 'row')}]"
    )
    # without a method the row means the same, and comes in
    choices = (*(() if value.beside else (_REFUSE,)), *value.allowed, "")
    default = "" if value.beside else _REFUSE
    word = value.word.lower()

    def save() -> None:
        chosen = st.session_state[key]
        of_field = meanings.setdefault(value.field, {})
        if chosen == _REFUSE:
            of_field.pop(word, None)
        else:
            of_field[word] = chosen

    choice.selectbox(
        f"{value.label}: {value.word}",
        choices,
        choices.index(meanings.get(value.field, {}).get(word, default)),
        format_func=lambda name: _NAMES.get(name, name.capitalize()),
        key=key,
        on_change=save,
        label_visibility="collapsed",
    )
