"""Dialogs of the tasks: edit one, move several to a day that is chosen."""

from collections.abc import Collection
from datetime import date, time
from functools import partial

import streamlit as st

from app import tasks
from app.db import Session, transaction
from app.kit.errors import ConflictError
from app.ui.base.formats import at_time, count, day, escape
from app.ui.base.session import current_actor, today
from app.ui.donors.activity_forms import PRIORITIES, ask_repeats
from app.ui.tasks import actions
from app.ui.tasks.filters import next_monday
from app.ui.widgets import forms

EDIT, MOVE = "task_edit", "task_move"
_SEEN = f"{EDIT}ed_version"


@st.dialog("Edit task", icon=":material/edit:", on_dismiss="rerun")
def edit(task_id: int) -> None:
    """Ask for new values of a task.

    If it was changed since the dialog was opened, the dialog says what is saved now and keeps
    what was entered: a second click saves it.
    """
    with transaction(current_actor()) as db:
        line = tasks.get(db, current_actor(), task_id=task_id)
    opened, version = st.session_state.get(_SEEN, (None, 0))
    if opened != task_id or f"{EDIT}_title" not in st.session_state:
        version = line.version
    if isinstance(st.session_state.get(f"{EDIT}_refused"), ConflictError):
        due = at_time(day(line.due_on, today=today()), line.due_at) if line.due_on else "no day"
        st.info(f"Saved now: **{escape(line.title)}**, {due}.", icon=":material/history:")
        version = line.version
    st.session_state[_SEEN] = (task_id, version)
    if line.donor_name:
        st.caption(f"About {escape(line.donor_name)}")
    with st.form(EDIT, border=False):
        _ask_values(line)
        forms.save_button("Save", key=EDIT, work=partial(_save, task_id))


def _ask_values(line: tasks.TaskLine) -> None:
    """Draw the fields of a task."""
    forms.text("What is to be done", EDIT, "title", line.title)
    cells = forms.cells()
    with next(cells):
        forms.choice("Kind", EDIT, "type", tasks.TYPES, value=line.type)
    with next(cells):
        forms.day("By", EDIT, "due", line.due_on)
    with next(cells):
        label_of = PRIORITIES.__getitem__
        forms.choice(
            "Priority", EDIT, "priority", (1, 2, 3), value=line.priority, format_func=label_of
        )
    with next(cells):
        st.time_input("Time (may be empty)", line.due_at, key=f"{EDIT}_at")
    ask_repeats(EDIT, line.repeats)
    st.text_area("Note", line.note or "", key=f"{EDIT}_note", height=90)


def _save(task_id: int, db: Session) -> str:
    tasks.change(
        db,
        current_actor(),
        task_id=task_id,
        version=st.session_state[_SEEN][1],
        title=forms.text_value(EDIT, "title"),
        type=forms.choice_value(EDIT, "type", str),
        due_on=forms.field_value(EDIT, "due", date),
        due_at=forms.field_value(EDIT, "at", time),
        priority=forms.choice_value(EDIT, "priority", int),
        note=forms.field_value(EDIT, "note", str),
        repeats=forms.field_value(EDIT, "repeats", str),
    )
    return "The task is saved."


@st.dialog("Move to a day", icon=":material/event:")
def choose_day(task_ids: Collection[int]) -> None:
    """Ask for the day to which tasks are moved."""
    st.caption(f"{count(len(task_ids), 'task')}. A time of the day stays as it is.")

    def work(db: Session) -> str:
        to = forms.field_value(MOVE, "to", date) or today()
        message = actions.move_to(task_ids, to, db)
        actions.clear_ticks()
        return message

    with st.form(MOVE, border=False):
        forms.day("Day", MOVE, "to", next_monday(today()))
        forms.save_button("Move", key=MOVE, icon="event", work=work)
