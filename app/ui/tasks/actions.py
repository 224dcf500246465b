"""What the buttons of the tasks do, and the undo of the last of them."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial

import streamlit as st

from app import tasks
from app.db import Session
from app.ui.base.formats import count, escape, long_day
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms
from app.ui.widgets.forms import Work

KEY, UNDO, ROUND = "task_action", "task_undo", "task_round"


def finish(task_ids: Collection[int]) -> None:
    """Mark tasks as done."""

    def work(db: Session) -> str:
        finished = tasks.finish_many(db, current_actor(), task_ids=task_ids, now=now())
        return _done("Done", finished, partial(_reopen, finished))

    forms.run_and_announce(KEY, work)


def reopen(task_ids: Collection[int]) -> None:
    """Mark tasks as open again."""
    forms.run_and_announce(KEY, partial(_reopen, task_ids))


def move(task_ids: Collection[int], to: date) -> None:
    """Move tasks to a day."""
    forms.run_and_announce(KEY, partial(move_to, task_ids, to))


def move_to(task_ids: Collection[int], to: date, db: Session) -> str:
    """Move tasks to a day, store the undo, and return the message."""
    moved = tasks.move(db, current_actor(), task_ids=task_ids, to=to, today=today())
    verb = f"Moved to {long_day(to, today=today())}"
    return _done(verb, moved, partial(_move_back, moved))


def clear_ticks() -> None:
    """Tick nothing any more, by giving the list another name: ticks belong to the old one."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def remove(task_id: int, versions: Mapping[int, int]) -> None:
    """Delete a task; `versions` are those of the tasks that were shown."""

    def work(db: Session) -> str:
        removed = tasks.remove(db, current_actor(), task_id=task_id, version=versions[task_id])
        return _done("Deleted", (removed,), partial(_restore, removed))

    forms.run_and_announce(KEY, work)


def show_undo() -> None:
    """Draw the undo of the last action, also above a list that is empty since."""
    last = st.session_state.get(UNDO)
    if last is None or current_actor().looking:
        return
    sentence, work = last
    with st.container(horizontal=True, vertical_alignment="center", key="task_undo_bar"):
        st.caption(escape(sentence), width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            key=f"{UNDO}_now",
            on_click=_undo,
            args=(work,),
        )


def _undo(work: Work) -> None:
    st.session_state[UNDO] = None
    forms.run_and_announce(UNDO, work)


def _done(verb: str, changed: Collection[object], undo: Work) -> str:
    """Store the undo of an action and return its message; nothing to undo if nothing changed."""
    if not changed:
        return "Nothing changed: it was so already."
    sentence = f"{verb}: {count(len(changed), 'task')}."
    st.session_state[UNDO] = (sentence, undo)
    return sentence


def _reopen(task_ids: Collection[int], db: Session) -> str:
    reopened = tasks.reopen_many(db, current_actor(), task_ids=task_ids)
    return f"Open again: {count(len(reopened), 'task')}."


def _move_back(moved: tuple[tasks.MovedTask, ...], db: Session) -> str:
    number = tasks.move_back(db, current_actor(), moved=moved)
    rest = len(moved) - number
    changed = f" {count(rest, 'task')} changed since and stayed." if rest else ""
    return f"Moved back: {count(number, 'task')}.{changed}"


def _restore(removed: tasks.RemovedTask, db: Session) -> str:
    tasks.restore(db, current_actor(), removed=removed)
    return "The task is back."
