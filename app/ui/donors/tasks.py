"""Open tasks on the donor screen, each completed with one click."""

from functools import partial

import streamlit as st

from app import tasks
from app.accounts import Actor
from app.db import Session
from app.ui.base.formats import at_time, day, escape
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

DONE = "donor_task"


def show(donor_tasks: list[tasks.TaskLine], actor: Actor) -> None:
    """List the open tasks; only the assignee can complete one."""
    open_tasks = [task for task in donor_tasks if task.done_at is None]
    if not open_tasks:
        return
    with st.container(border=True, key="list_donor_tasks"):
        for task in open_tasks:
            details, action = st.columns([5, 1], vertical_alignment="center")
            due = day(task.due_on, today=today()) if task.due_on else ""
            due = f"  \n:gray[due {at_time(due, task.due_at)}]" if due else ""
            details.markdown(f":material/task_alt: **{escape(task.title)}**{due}")
            if task.assignee_id == actor.user_id and not actor.looking:
                action.button(
                    "Done",
                    key=f"{DONE}_{task.task_id}",
                    width="stretch",
                    help=f"Done: {escape(task.title)}",
                    on_click=forms.run_and_announce,
                    args=(DONE, partial(_finish, task.task_id, task.title)),
                )


def _finish(task_id: int, title: str, db: Session) -> str:
    tasks.finish(db, current_actor(), task_id=task_id, now=now())
    return f"Done: {title}."
