"""Questions about ambiguous donors in a file, answered per row or for all of a kind."""

from collections.abc import Mapping

import streamlit as st

from app import imports
from app.imports import PEOPLE, Candidate, Question
from app.ui.base.formats import count, day, escape, number, plain
from app.ui.base.session import today

_UNANSWERED = ""
_CHOOSE = "Choose who this is"
_LABELS = ("Name", "E-mail", "Phone", "Address", "City", "Gifts")
_FOR_ALL = {
    _UNANSWERED: "Each on its own",
    imports.SAME: "The donor found",
    imports.NEW: "A new person",
    imports.SKIP: "Leave out",
}


def answers(prefix: str, remembered: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the user's answers so far: row or kind → donor, new or skip."""
    by_row: dict[str, str] = st.session_state.setdefault(
        f"{prefix}_people", dict(remembered or {})
    )
    return by_row


def ask(questions: tuple[Question, ...], *, prefix: str) -> None:
    """Ask which donor each ambiguous row means; an answer recomputes the plan."""
    if not questions:
        return
    current = answers(prefix)
    unanswered = [question for question in questions if not _answer(question, current)]
    title = f"{count(_total(questions), 'question')} about people"
    with st.expander(title, expanded=bool(unanswered), icon=":material/person_search:"):
        for kind, heading in PEOPLE.items():
            of_kind = [question for question in questions if question.kind == kind]
            if of_kind:
                _ask_kind(kind, heading, of_kind, current, prefix=prefix)


def show_unanswered(questions: tuple[Question, ...], *, prefix: str) -> None:
    """Say how many rows with a similar name come in as new people for want of an answer."""
    current = answers(prefix)
    similar = [question for question in questions if question.kind == "similar"]
    unanswered = [question for question in similar if not _answer(question, current)]
    if unanswered:
        # more rows may be alike than are shown
        rows = similar[0].alike - (len(similar) - len(unanswered))
        st.caption(
            f":material/person_search: Not answered: {count(rows, 'row')} with a name like a "
            "donor's "
            + ("is imported as a new person." if rows == 1 else "are imported as new people.")
        )


def _total(questions: tuple[Question, ...]) -> int:
    return sum({question.kind: question.alike for question in questions}.values())


def _answer(question: Question, answers: dict[str, str]) -> str:
    return answers.get(str(question.row)) or answers.get(f"*{question.kind}", "")


def _ask_kind(
    kind: str, title: str, questions: list[Question], answers: dict[str, str], *, prefix: str
) -> None:
    label, choice = st.columns([3, 2], vertical_alignment="center")
    rows = questions[0].alike
    unanswered = "imported as new people" if kind == "similar" else "not imported"
    label.markdown(
        f"**{title}** :gray[· {count(rows, 'row')}]  \n:gray[Without an answer: {unanswered}]"
    )
    _choose(
        choice,
        f"All: {title}",
        _FOR_ALL,
        answers,
        f"*{kind}",
        key=f"{prefix}_all_{kind}",
    )
    for question in questions:
        _ask_row(question, answers, key=f"{prefix}_person_{question.row}")
    if rows > len(questions):
        st.caption(
            f"The first {number(len(questions))} are shown. An answer for all counts for the rest."
        )


def _ask_row(question: Question, answers: dict[str, str], *, key: str) -> None:
    label, choice = st.columns([3, 2], vertical_alignment="center")
    row = imports.file_row(question.row)
    label.markdown(f"{escape(question.name)}  \n:gray[row {number(row)}]")
    choices = {_UNANSWERED: _CHOOSE}
    if f"*{question.kind}" in answers:
        choices[_UNANSWERED] = f"Like all: {_FOR_ALL[answers[f'*{question.kind}']].lower()}"
    for candidate in question.candidates:
        parts = (candidate.name, candidate.email, candidate.city)
        choices[str(candidate.donor_id)] = plain(" · ".join(part for part in parts if part))
    choices |= {imports.NEW: _FOR_ALL[imports.NEW], imports.SKIP: _FOR_ALL[imports.SKIP]}
    _choose(choice, f"Row {row}", choices, answers, str(question.row), key=key)
    st.markdown(evidence(question))


def evidence(question: Question) -> str:
    """Return a table with the row of the file and the donors it may mean side by side."""
    row = [question.name, question.email, question.phone, question.address, question.city, ""]
    sides = [row] + [
        [each.name, each.email, each.phone, each.address, each.city, _gifts(each)]
        for each in question.candidates
    ]
    titles = [f"Row {number(imports.file_row(question.row))} of the file", *_titles(question)]
    lines = [["", *titles], ["---"] * (len(sides) + 1)]
    lines += [
        [label, *(escape(value) for value in values)]
        for label, *values in zip(_LABELS, *sides, strict=True)
        if any(values)
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _titles(question: Question) -> list[str]:
    if len(question.candidates) == 1:
        return ["Here already"]
    return [f"Here already, {number}" for number in range(1, len(question.candidates) + 1)]


def _gifts(candidate: Candidate) -> str:
    if candidate.last_gift_date is None:
        return "none"
    last = day(candidate.last_gift_date, today=today())
    return f"{number(candidate.gifts)}, the last on {last}"


def _choose(
    column: st.delta_generator.DeltaGenerator,
    label: str,
    choices: dict[str, str],
    answers: dict[str, str],
    name: str,
    *,
    key: str,
) -> None:
    """Draw a choice; `name` is the key of its answer."""

    def save() -> None:
        chosen = st.session_state[key]
        if chosen == _UNANSWERED:
            answers.pop(name, None)
        else:
            answers[name] = chosen

    answer = answers.get(name, _UNANSWERED)
    values = list(choices)
    column.selectbox(
        label,
        values,
        values.index(answer) if answer in choices else 0,
        format_func=choices.__getitem__,
        key=key,
        on_change=save,
        label_visibility="collapsed",
    )
