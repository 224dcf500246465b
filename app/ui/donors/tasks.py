"""Open tasks on the donor screen, each completed with one click."""

from functools import partial

import streamlit as st

from app import tasks
from app.accounts import Actor
from app.db import Session
from app.kit.formatting import day
from app.ui.base.formats import escape
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

DONE = "donor_task"


def show(found: list[tasks.TaskLine], actor: Actor) -> None:
    """List the open tasks; only the assignee can complete one."""
    waiting = [one for one in found if one.done_at is None]
    if not waiting:
        return
    with st.container(border=True, key="list_donor_tasks"):
        for one in waiting:
            what, tick = st.columns([5, 1], vertical_alignment="center")
            due = f"  \n:gray[due {day(one.due_on, today=today())}]" if one.due_on else ""
            what.markdown(f":material/task_alt: **{escape(one.title)}**{due}")
            if one.assignee_id == actor.user_id and not actor.looking:
                tick.button(
                    "Done",
                    key=f"{DONE}_{one.task_id}",
                    width="stretch",
                    help=f"Done: {escape(one.title)}",
                    on_click=forms.do,
                    args=(DONE, partial(_finish, one.task_id, one.title)),
                )


def _finish(task_id: int, title: str, db: Session) -> str:
    tasks.finish(db, current_actor(), task_id=task_id, now=now())
    return f"Done: {title}."
