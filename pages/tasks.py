"""Screen of the user's own tasks by day, with snooze, edit, delete and actions for several."""

import streamlit as st

from app import tasks
from app.db import transaction
from app.ui.base.formats import count, number
from app.ui.base.session import current_actor, today
from app.ui.donors import activity_forms
from app.ui.donors import forms as donor_forms
from app.ui.shell import commands
from app.ui.tasks import actions, filters
from app.ui.tasks import list as task_list
from app.ui.widgets import forms, pagination, tables

LIST, SIZE = "task_list", 50

forms.announce()
actor, day = current_actor(), today()
with st.container(horizontal=True, vertical_alignment="bottom"):
    st.title("Tasks", width="stretch")
    if donor_forms.may_add() and st.button("Add task", type="primary", icon=":material/task_alt:"):
        activity_forms.add_task()
subtitle = st.empty()

task_filter = filters.ask_filter()
cursor = pagination.cursor(LIST, task_filter, tuple)
with transaction(actor) as db:
    page = tasks.page(
        db,
        actor,
        filter=task_filter,
        today=day,
        week_end=filters.week_end(day),
        limit=SIZE,
        after=cursor,
    )
late = f" · {number(page.total_overdue)} overdue" if page.total_overdue else ""
subtitle.caption(f"{count(page.total_open, 'open task')}{late}")

actions.show_undo()
if page.groups:
    with st.container(border=True, key="tasks_by_day"):
        task_list.show(page)
    shown = sum(line.done_at is None for line in page.lines)
    pagination.show_controls(
        LIST, size=SIZE, shown=shown, total=page.total_open, next_cursor=page.next
    )
elif task_filter != tasks.TaskFilter():
    tables.show_empty("filter_alt_off", "No task matches. Remove a filter.")
elif donor_forms.may_add():
    tables.show_empty(
        "task_alt",
        "No tasks yet. Add one for a call, a letter or a visit that you plan.",
        action="Add your first task",
        on_click=lambda: commands.store("add_task"),
        guide="tasks",
    )
else:
    tables.show_empty("task_alt", "No tasks. They are listed here.", guide="tasks")
