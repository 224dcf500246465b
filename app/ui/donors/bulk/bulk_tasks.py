"""A task for each of the ticked or all filtered donors of the list; with undo."""

from datetime import date, timedelta

import streamlit as st

from app import tasks
from app.db import Session
from app.ui.base.formats import count, escape
from app.ui.base.session import current_actor, today
from app.ui.donors.activity_forms import PRIORITIES, TASKS
from app.ui.donors.bulk.chosen import Chosen
from app.ui.widgets import forms

BULK, UNDO = "bulk_tasks", "bulk_tasks_undo"


def show_button(chosen: Chosen) -> None:
    """Draw the button that opens the form."""
    if st.button("Add tasks", icon=":material/task_alt:", key=f"{BULK}_open"):
        ask(chosen)


@st.dialog("Add tasks", icon=":material/task_alt:")
def ask(chosen: Chosen) -> None:
    """Ask what is to be done, and about which donors."""

    def work(db: Session) -> str:
        ids = chosen.ids(db, BULK)
        created = tasks.create_for_donors(
            db,
            current_actor(),
            donor_ids=ids,
            title=forms.text_value(BULK, "title"),
            type=forms.choice_value(BULK, "type", str),
            priority=forms.choice_value(BULK, "priority", int),
            due_on=forms.field_value(BULK, "due", date),
            note=forms.field_value(BULK, "note", str),
        )
        rest = len(ids) - len(created)
        others = f" {count(rest, 'donor')} you may not change got none." if rest else ""
        sentence = f"Added {count(len(created), 'task')}.{others}"
        st.session_state[UNDO] = created, sentence
        return sentence

    with st.form(BULK, border=False):
        chosen.ask(BULK)
        forms.text("What is to be done", BULK, "title", "Call")
        cells = forms.cells()
        with next(cells):
            forms.choice("Kind", BULK, "type", TASKS)
        with next(cells):
            forms.day("By", BULK, "due", today() + timedelta(days=3))
        forms.choice(
            "Priority", BULK, "priority", (1, 2, 3), value=2, format_func=PRIORITIES.__getitem__
        )
        forms.text("Note", BULK, "note")
        forms.save_button("Add tasks", key=BULK, icon="task_alt", work=work)


def show_undo() -> None:
    """Draw the undo of the last tasks that were added."""
    last = st.session_state.get(UNDO)
    if last is None:
        return
    created, sentence = last
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escape(sentence), width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            key=f"{UNDO}_now",
            on_click=_undo,
            args=(created,),
        )


def _undo(created: tuple[int, ...]) -> None:
    def work(db: Session) -> str:
        removed = tasks.remove_created(db, current_actor(), task_ids=created)
        rest = len(created) - removed
        kept = f" {count(rest, 'task')} that changed since stayed." if rest else ""
        return f"Removed {count(removed, 'task')}.{kept}"

    st.session_state[UNDO] = None
    forms.run_and_announce(UNDO, work)
