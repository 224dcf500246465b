"""The weekly e-mail: what happened, who needs you, how far to the goal."""

from app.summaries.service import Due, build, due, queue, queue_due

__all__ = ["Due", "build", "due", "queue", "queue_due"]
