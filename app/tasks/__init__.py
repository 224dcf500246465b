"""Tasks: what a user will do about a donor, and by when."""

from app.tasks.service import (
    TaskLine,
    close_of_alerts,
    create,
    due,
    finish,
    finish_of_alert,
    for_donor,
    open_for_alerts,
    overdue_by_assignee,
    reopen,
    reopen_closed,
)

__all__ = [
    "TaskLine",
    "close_of_alerts",
    "create",
    "due",
    "finish",
    "finish_of_alert",
    "for_donor",
    "open_for_alerts",
    "overdue_by_assignee",
    "reopen",
    "reopen_closed",
]
