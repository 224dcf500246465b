"""Weekly summary e-mails: what happened, what to act on, and progress towards the goal."""

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
