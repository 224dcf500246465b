"""What somebody will do about a donor, and by when."""

from app.tasks.service import (
    TaskLine,
    close_of_alerts,
    create,
    due,
    finish,
    for_donor,
    open_for_alerts,
    reopen,
)

__all__ = [
    "TaskLine",
    "close_of_alerts",
    "create",
    "due",
    "finish",
    "for_donor",
    "open_for_alerts",
    "reopen",
]
