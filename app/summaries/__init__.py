"""The weekly e-mail: what happened, who needs you, how far to the goal."""

from app.summaries.deeds import DEEDS, Deed, do, forget_old, look
from app.summaries.service import Due, build, due, queue, queue_due

__all__ = [
    "DEEDS",
    "Deed",
    "Due",
    "build",
    "do",
    "due",
    "forget_old",
    "look",
    "queue",
    "queue_due",
]
