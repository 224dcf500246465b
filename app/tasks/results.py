"""Tasks as they are listed, filtered, moved and deleted."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

TYPES = ("call", "thank", "write", "meet", "e-mail", "other")
# 1 high, 2 normal, 3 low
PRIORITIES = (1, 2, 3)
# the groups of a list by day: "week" is the rest of this week, "none" without a day
DAYS = ("overdue", "today", "week", "later", "none", "done")
# day, time, priority and id of a page's last task
TaskCursor = tuple[date, time, int, int]


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as it is listed; priority 1 is high, 3 low."""

    task_id: int
    type: str
    title: str
    note: str | None
    priority: int
    due_on: date | None
    # of the day, in the time zone of whoever has the task
    due_at: time | None
    donor_id: int | None
    donor_name: str | None
    assignee_id: int
    done_at: datetime | None
    alert_id: int | None
    version: int
    # how often, as in app/kit/dates/cadence
    repeats: str | None


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks a list has; every word of `query` is in the title, the note or the name."""

    type: str | None = None
    priority: int | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """The tasks of one of `DAYS` on a page of a list; `total` counts those of other pages too."""

    day: str
    lines: tuple[TaskLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of a user's tasks by day; the tasks that are done follow the last open one."""

    groups: tuple[TaskGroup, ...]
    total_open: int
    total_overdue: int
    next: TaskCursor | None

    @property
    def lines(self) -> list[TaskLine]:
        """All tasks of the page in their order."""
        return [line for group in self.groups for line in group.lines]


@dataclass(frozen=True, slots=True)
class MovedTask:
    """A task that was moved: its day before, and its version since."""

    task_id: int
    due_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class RemovedTask:
    """A deleted task with everything that restores it."""

    type: str
    title: str
    note: str | None
    priority: int
    due_on: date | None
    due_at: time | None
    donor_id: int | None
    created_by: int | None
    done_at: datetime | None
    done_by: int | None
    import_source: str | None
    external_id: str | None
    import_run_id: int | None
    repeats: str | None
    repeats_from: date | None
    alert_id: int | None
    follows_id: int | None

    # those that are written as they were
    COLUMNS: ClassVar = (
        "type",
        "title",
        "note",
        "priority",
        "due_on",
        "due_at",
        "donor_id",
        "created_by",
        "done_at",
        "done_by",
        "import_source",
        "external_id",
        "import_run_id",
        "repeats",
        "repeats_from",
    )
