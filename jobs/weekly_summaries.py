"""Hourly: the weekly summary of everybody whose own weekday and hour has come."""

from datetime import datetime

from app import summaries
from app.db import transaction
from jobs.said import said


def run(now: datetime) -> str:
    """Queue the summaries that are due, each person's once a week, and say how many."""
    with transaction() as db:
        queued = summaries.queue_due(db, now=now)
    return said((queued, "summary queued", "summaries queued"))
