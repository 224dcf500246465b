"""The user's own tasks as rows in groups by day, and the bar for those that are ticked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from app import tasks
from app.tasks import TaskLine
from app.ui.base.formats import ago, at_time, day, long_day, number, one_line
from app.ui.base.session import current_actor, today
from app.ui.donors.activity_forms import REPEATS
from app.ui.tasks import actions, forms
from app.ui.tasks.filters import next_monday
from app.ui.widgets import tables
from app.ui.widgets.rows import table_events
from app.ui.widgets.rows.table_html import template

LIST = "task_rows"
TITLES = {
    "overdue": "Overdue",
    "today": "Today",
    "week": "This week",
    "later": "Later",
    "none": "Without a day",
    "done": "Done in the last 14 days",
}
ALL = "Choose all tasks of this page"
HIGH = 1
_TOMORROW = timedelta(days=1)
_ASKED = "task_asked"


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as the template writes it; `before` and `after` are around the donor's name."""

    id: int
    title: str
    high: bool
    before: str
    href: str | None
    name: str
    after: str
    note: str
    press: str
    button: str
    menu: tuple[tuple[str, str], ...]
    tick: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """A group as the template writes it."""

    title: str
    total: str
    lines: list[_Line]


def list_key() -> str:
    """Return the name of the list, which is another one after each action for ticked tasks."""
    return f"{LIST}_{st.session_state.get(actions.ROUND, 0)}"


def show(page: tasks.TaskPage) -> None:
    """Draw the tasks of a page; a user who views as another one reads them only."""
    may_act = not current_actor().looking
    groups = [_group(group) for group in page.groups]
    ticks = may_act and any(line.done_at is None for line in page.lines)
    if ticks:
        _show_bar(page)
    st.html(template("tasks.html").render(key=list_key(), groups=groups, all=ALL if ticks else ""))
    if may_act:
        _listen(page)


def _do(act: Callable[[], None]) -> None:
    """Do what the bar offers for the ticked tasks, and tick nothing any more."""
    act()
    actions.clear_ticks()


def _group(group: tasks.TaskGroup) -> _Group:
    lines = [_line(line, group.day) for line in group.lines]
    return _Group(TITLES[group.day], number(group.total), lines)


def _listen(page: tasks.TaskPage) -> None:
    """Do what is pressed in a row, and open the dialog that was asked for."""
    versions = {line.task_id: line.version for line in page.lines}
    acts: dict[str, Callable[[int], None]] = {
        "done": lambda task_id: actions.finish([task_id]),
        "reopen": lambda task_id: actions.reopen([task_id]),
        "tomorrow": lambda task_id: actions.move([task_id], today() + _TOMORROW),
        "week": lambda task_id: actions.move([task_id], next_monday(today())),
        "delete": lambda task_id: actions.remove(task_id, versions),
        "day": partial(_ask, "day"),
        "edit": partial(_ask, "edit"),
    }
    table_events.listen(
        list_key(),
        frozenset(map(str, versions)),
        {name: partial(_press, act) for name, act in acts.items()},
    )
    asked, task_id = st.session_state.pop(_ASKED, ("", 0))
    if asked == "edit":
        forms.edit(task_id)
    elif asked == "day":
        forms.choose_day([task_id])


def _press(act: Callable[[int], None], row_id: str) -> None:
    act(int(row_id))


def _ask(what: str, task_id: int) -> None:
    """Open a dialog when the list is drawn: a callback cannot."""
    st.session_state[_ASKED] = (what, task_id)


def _show_bar(page: tasks.TaskPage) -> None:
    """Draw the buttons for the ticked tasks, or say what ticking is for."""
    open_lines = [line for line in page.lines if line.done_at is None]
    chosen = [
        line.task_id for line in tables.ticked(list_key(), open_lines, lambda line: line.task_id)
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="task_bar"):
        if not chosen:
            st.caption("Tick tasks to complete or move several at once.")
            return
        size = number(len(chosen))
        tomorrow, monday = today() + _TOMORROW, next_monday(today())
        for name, icon, act in (
            ("Done", "check", partial(actions.finish, chosen)),
            ("Tomorrow", "snooze", partial(actions.move, chosen, tomorrow)),
            ("Next week", "snooze", partial(actions.move, chosen, monday)),
        ):
            key = f"task_bar_{icon}_{name}"
            st.button(
                f"{name} ({size})", icon=f":material/{icon}:", key=key, on_click=_do, args=(act,)
            )
        if st.button(f"Choose a day ({size})", icon=":material/event:", key="task_bar_day"):
            forms.choose_day(chosen)


def _line(line: TaskLine, group: str) -> _Line:
    is_open, may_act = line.done_at is None, not current_actor().looking
    repeats = REPEATS[line.repeats].lower() if line.repeats else ""
    after = "".join(f" · {part}" for part in (_due(line, group), repeats) if part)
    kind = line.type.capitalize()
    return _Line(
        id=line.task_id,
        title=one_line(line.title),
        high=line.priority == HIGH,
        before=f"{kind} · " if line.donor_id is not None else kind,
        href=tables.donor_address(line.donor_id),
        name=one_line(line.donor_name),
        after=after,
        note=one_line(line.note),
        press="done" if is_open else "reopen",
        button=("Done" if is_open else "Reopen") if may_act else "",
        menu=_menu(today()) if is_open else (),
        tick=is_open and may_act,
    )


def _menu(now: date) -> tuple[tuple[str, str], ...]:
    monday = day(next_monday(now), today=now)
    return (
        ("tomorrow", "Snooze until tomorrow"),
        ("week", f"Snooze until Monday, {monday}"),
        ("day", "Choose a day…"),
        ("edit", "Edit…"),
        ("delete", "Delete"),
    )


def _due(line: TaskLine, group: str) -> str:
    """Return when a task is due, or was done, in the words of its group."""
    now = today()
    if line.done_at is not None:
        done_on = line.done_at.astimezone(ZoneInfo(current_actor().time_zone)).date()
        return f"done {ago(done_on, today=now)}"
    if line.due_on is None:
        return ""
    if group == "today":
        return at_time("today", line.due_at) if line.due_at else ""
    due = long_day(line.due_on, today=now) if group == "week" else day(line.due_on, today=now)
    late = f", {ago(line.due_on, today=now)}" if group == "overdue" else ""
    return f"due {at_time(due, line.due_at)}{late}"
