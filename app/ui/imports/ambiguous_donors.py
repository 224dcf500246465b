"""Questions about ambiguous donors in a file, answered per row or for all of a kind."""

from collections.abc import Mapping

import streamlit as st

from app import imports
from app.imports import PEOPLE, Question
from app.ui.base.formats import count, escape, plain

_ASK = ""
_OPEN = {
    True: "Not answered: comes in as a new person",
    False: "Not answered: stays out",
}
_ALL = {
    _ASK: "Each on its own",
    imports.SAME: "The donor found",
    imports.NEW: "A new person",
    imports.SKIP: "Leave out",
}


def said(prefix: str, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the user's answers so far: row or kind → donor, new or skip."""
    found: dict[str, str] = st.session_state.setdefault(f"{prefix}_people", dict(before or {}))
    return found


def ask(questions: tuple[Question, ...], *, prefix: str) -> None:
    """Ask which donor each ambiguous row means; an answer recomputes the plan."""
    if not questions:
        return
    answers = said(prefix)
    open_ = [one for one in questions if not _answer(one, answers) and one.kind != "similar"]
    title = f"{count(_whole(questions), 'question')} about people"
    with st.expander(title, expanded=bool(open_), icon=":material/person_search:"):
        for kind, words in PEOPLE.items():
            mine = [one for one in questions if one.kind == kind]
            if mine:
                _kind(kind, words, mine, answers, prefix=prefix)


def _whole(questions: tuple[Question, ...]) -> int:
    return sum({one.kind: one.alike for one in questions}.values())


def _answer(one: Question, answers: dict[str, str]) -> str:
    return answers.get(str(one.row)) or answers.get(f"*{one.kind}", "")


def _kind(
    kind: str, words: str, mine: list[Question], answers: dict[str, str], *, prefix: str
) -> None:
    says, means = st.columns([3, 2], vertical_alignment="center")
    says.markdown(f"**{words}** :gray[· {count(mine[0].alike, 'row')}]")
    _choose(
        means,
        f"All: {words}",
        list(_ALL),
        answers,
        f"*{kind}",
        _ALL,
        key=f"{prefix}_all_{kind}",
    )
    for one in mine:
        _row(one, answers, key=f"{prefix}_person_{one.row}")
    if mine[0].alike > len(mine):
        st.caption(f"The first {len(mine):,} are shown. An answer for all counts for the rest.")


def _row(one: Question, answers: dict[str, str], *, key: str) -> None:
    says, means = st.columns([3, 2], vertical_alignment="center")
    about = " · ".join(escape(part) for part in (one.email, one.city) if part)
    row = imports.file_row(one.row)
    says.markdown(f"{escape(one.name)}  \n:gray[row {row:,}{' · ' if about else ''}{about}]")
    words = {_ASK: _OPEN[one.kind == "similar"]}
    if f"*{one.kind}" in answers:
        words[_ASK] = f"Like all: {_ALL[answers[f'*{one.kind}']].lower()}"
    for found in one.candidates:
        parts = (found.name, found.email, found.city)
        words[str(found.donor_id)] = plain(" · ".join(part for part in parts if part))
    words |= {imports.NEW: _ALL[imports.NEW], imports.SKIP: _ALL[imports.SKIP]}
    _choose(
        means,
        f"Row {row}",
        list(words),
        answers,
        str(one.row),
        words,
        key=key,
    )


def _choose(
    place: st.delta_generator.DeltaGenerator,
    label: str,
    choices: list[str],
    answers: dict[str, str],
    name: str,
    words: dict[str, str],
    *,
    key: str,
) -> None:
    def keep() -> None:
        chosen = st.session_state[key]
        if chosen == _ASK:
            answers.pop(name, None)
        else:
            answers[name] = chosen

    given = answers.get(name, _ASK)
    place.selectbox(
        label,
        choices,
        choices.index(given) if given in choices else 0,
        format_func=words.__getitem__,
        key=key,
        on_change=keep,
        label_visibility="collapsed",
    )
