"""Weekly summary e-mails: what happened, what to act on, and progress towards the goal."""

from app.summaries.email_actions import (
    ACTIONS,
    ActionResult,
    EmailAction,
    perform_action,
    preview_action,
    purge_actions,
)
from app.summaries.service import Due, Preview, build, due, preview, queue, queue_due, send_now

__all__ = [
    "ACTIONS",
    "ActionResult",
    "Due",
    "EmailAction",
    "Preview",
    "build",
    "due",
    "perform_action",
    "preview",
    "preview_action",
    "purge_actions",
    "queue",
    "queue_due",
    "send_now",
]
