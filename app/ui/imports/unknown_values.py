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


def said(prefix: str, remembered: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the user's answers so far: field → value in the file → our value."""
    found: dict[str, dict[str, str]] = st.session_state.setdefault(
        key_of(prefix), {field: dict(words) for field, words in remembered.items()}
    )
    return found


def ask(unknown: tuple[imports.UnknownValues, ...], *, prefix: str) -> None:
    """Ask what each unknown value means; an answer recomputes the plan."""
    if not unknown:
        return
    answers = said(prefix, {})
    open_ = [one for one in unknown if one.word.lower() not in answers.get(one.field, {})]
    title = (
        f"{count(len(open_), 'word')} of the file we do not know"
        if open_
        else "What the file's words mean"
    )
    with st.expander(title, expanded=bool(open_), icon=":material/translate:"):
        for number, one in enumerate(unknown):
            _one(one, answers, key=f"{prefix}_word_{number}")


def _one(one: imports.UnknownValues, answers: dict[str, dict[str, str]], *, key: str) -> None:
    says, means = st.columns([3, 2], vertical_alignment="center")
    says.markdown(
        f"**{escape(one.word)}**  \n:gray[{escape(one.header)}, {count(one.rows, 'row')}]"
    )
    choices = (_REFUSE, *one.allowed, "")
    word = one.word.lower()

    def keep() -> None:
        chosen = st.session_state[key]
        mine = answers.setdefault(one.field, {})
        if chosen == _REFUSE:
            mine.pop(word, None)
        else:
            mine[word] = chosen

    means.selectbox(
        f"{one.label}: {one.word}",
        choices,
        choices.index(answers.get(one.field, {}).get(word, _REFUSE)),
        format_func=lambda name: _NAMES.get(name, name.capitalize()),
        key=key,
        on_change=keep,
        label_visibility="collapsed",
    )
