"""Tasks: what a user will do about a donor, and by when."""

from app.tasks.changes import change, move, move_back, remove, restore
from app.tasks.for_donors import create_for_donors, remove_created
from app.tasks.read_model import due, for_donor, get, overdue_by_assignee, page
from app.tasks.results import (
    DAYS,
    TYPES,
    MovedTask,
    RemovedTask,
    TaskCursor,
    TaskFilter,
    TaskGroup,
    TaskLine,
    TaskPage,
)
from app.tasks.rules import REPEATS
from app.tasks.service import (
    close_of_alerts,
    create,
    finish,
    finish_many,
    finish_of_alert,
    open_for_alerts,
    reopen,
    reopen_closed,
    reopen_many,
)

__all__ = [
    "DAYS",
    "REPEATS",
    "TYPES",
    "MovedTask",
    "RemovedTask",
    "TaskCursor",
    "TaskFilter",
    "TaskGroup",
    "TaskLine",
    "TaskPage",
    "change",
    "close_of_alerts",
    "create",
    "create_for_donors",
    "due",
    "finish",
    "finish_many",
    "finish_of_alert",
    "for_donor",
    "get",
    "move",
    "move_back",
    "open_for_alerts",
    "overdue_by_assignee",
    "page",
    "remove",
    "remove_created",
    "reopen",
    "reopen_closed",
    "reopen_many",
    "restore",
]
