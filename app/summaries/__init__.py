"""The weekly e-mail: what happened, who needs you, how far to the goal."""

from app.summaries.email_actions import DEEDS, Deed, Done, do, forget_old, look
from app.summaries.service import Due, Preview, build, due, preview, queue, queue_due, send_now

__all__ = [
    "DEEDS",
    "Deed",
    "Done",
    "Due",
    "Preview",
    "build",
    "do",
    "due",
    "forget_old",
    "look",
    "preview",
    "queue",
    "queue_due",
    "send_now",
]
