"""Prayer and care requests: those of a donor, a line of a list, and their dialogs."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import streamlit as st

from app import care_requests
from app.accounts import Actor
from app.care_requests import CareRequestLine
from app.db import Session, transaction
from app.ui.base.formats import count, day, escape
from app.ui.base.session import current_actor, today
from app.ui.widgets import forms, tables

ADD, ANSWER, EDIT = "request_add", "request_answer", "request_edit"
ICON = "volunteer_activism"
HIDDEN = "Only the owner, finance and administrators see what an anonymous donor asked."


def show(donor_id: int, actor: Actor) -> None:
    """Draw a donor's requests: open ones, and answered ones in an expander; nothing if none."""
    with transaction(actor) as db:
        lines = care_requests.for_donor(db, actor, donor_id=donor_id)
    if not lines:
        return
    answered = [line for line in lines if line.answered_on is not None]
    with st.container(border=True, key="list_donor_requests"):
        st.subheader("Requests")
        for line in lines:
            if line.answered_on is None:
                show_line(line)
        if answered:
            with st.expander(f"{count(len(answered), 'answered request')}"):
                for line in answered:
                    show_line(line)


def show_line(line: CareRequestLine, *, with_name: bool = False) -> None:
    """Draw a request with its days, its answer, and the buttons of who may change it."""
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"request_{line.request_id}"
    ):
        with st.container(gap=None):
            if with_name:
                tables.show_donor_link(line.donor_id, line.donor_name)
            st.markdown(_text(line))
        if line.editable:
            _show_buttons(line)


def _show_buttons(line: CareRequestLine) -> None:
    with st.container(horizontal=True, width="content"):
        if line.answered_on is None:
            if st.button(
                "Answered",
                icon=":material/check:",
                key=f"{ANSWER}_button_{line.request_id}",
                help=f"Say how: {escape(line.text[:80])}",
            ):
                _answer(line)
        else:
            st.button(
                "Reopen",
                key=f"request_reopen_{line.request_id}",
                type="tertiary",
                on_click=forms.run_and_announce,
                args=("request_reopen", partial(_reopen, line)),
            )
        if st.button(
            "Edit",
            key=f"{EDIT}_button_{line.request_id}",
            type="tertiary",
            help=f"Edit: {escape(line.text[:80])}",
        ):
            _edit(line)


def show_to_print(lines: Sequence[CareRequestLine]) -> None:
    """Draw requests by donor, one below the other, without buttons."""
    by_donor: dict[tuple[str, int], list[CareRequestLine]] = {}
    for line in lines:
        by_donor.setdefault((line.donor_name, line.donor_id), []).append(line)
    for (name, _), requests in sorted(by_donor.items()):
        st.markdown(f"**{escape(name)}**")
        st.markdown("\n".join(f"- {_text(line, indent='  ')}" for line in requests))


def _text(line: CareRequestLine, *, indent: str = "") -> str:
    # a line of a list goes on where its text is indented
    words = escape(line.text).replace("\n", f"  \n{indent}") if line.text else f":gray[{HIDDEN}]"
    asked = f"asked {day(line.asked_on, today=today())}"
    if line.answered_on is None:
        return f"{words}  \n{indent}:gray[{asked}]"
    how = f": {escape(line.answer)}" if line.answer else ""
    answered = f"answered {day(line.answered_on, today=today())}"
    return f"{words}  \n{indent}:material/check: {answered}{how} :gray[· {asked}]"


@st.dialog("Add request", icon=f":material/{ICON}:")
def add(donor_id: int, name: str) -> None:
    """Ask what a donor asks for, and note it."""
    st.caption(f"{escape(name)} asks to be remembered, in prayer or in care.")

    def work(db: Session) -> str:
        care_requests.add(
            db,
            current_actor(),
            donor_id=donor_id,
            text=forms.text_value(ADD, "text"),
            asked_on=forms.field_value(ADD, "on", date) or today(),
            today=today(),
        )
        return f"Noted for {name}."

    with st.form(ADD, border=False):
        st.text_area("Request", key=f"{ADD}_text", height=110)
        forms.day("Asked on", ADD, "on", today())
        forms.save_button("Note it", key=ADD, work=work)


@st.dialog("Answered", icon=":material/check:")
def _answer(line: CareRequestLine) -> None:
    st.markdown(f"> {escape(line.text)}" if line.text else HIDDEN)

    def work(db: Session) -> str:
        care_requests.answer(
            db,
            current_actor(),
            request_id=line.request_id,
            version=line.version,
            answer=forms.text_value(ANSWER, "how"),
            answered_on=forms.field_value(ANSWER, "on", date) or today(),
            today=today(),
        )
        return f"Answered: the request of {line.donor_name}."

    with st.form(ANSWER, border=False):
        st.text_area("How was it answered?", key=f"{ANSWER}_how", height=90)
        forms.day("Answered on", ANSWER, "on", today())
        forms.save_button("Save", key=ANSWER, work=work)


@st.dialog("Edit request", icon=":material/edit:")
def _edit(line: CareRequestLine) -> None:
    st.caption(escape(line.donor_name))

    def work(db: Session) -> str:
        care_requests.change(
            db,
            current_actor(),
            request_id=line.request_id,
            version=line.version,
            text=forms.text_value(EDIT, "text"),
            asked_on=forms.field_value(EDIT, "on", date) or line.asked_on,
            today=today(),
        )
        return "The request is saved."

    with st.form(EDIT, border=False):
        st.text_area("Request", line.text, key=f"{EDIT}_text", height=110)
        forms.day("Asked on", EDIT, "on", line.asked_on)
        forms.save_button("Save", key=EDIT, work=work)
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("The request and its answer are deleted for good.")
        st.button(
            "Delete the request",
            key=f"{EDIT}_delete",
            on_click=forms.run,
            args=(EDIT, partial(_remove, line)),
        )


def _reopen(line: CareRequestLine, db: Session) -> str:
    care_requests.reopen(db, current_actor(), request_id=line.request_id, version=line.version)
    return f"Open again: the request of {line.donor_name}."


def _remove(line: CareRequestLine, db: Session) -> str:
    care_requests.remove(db, current_actor(), request_id=line.request_id, version=line.version)
    return "The request is deleted."
