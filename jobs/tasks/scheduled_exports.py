"""Hourly job: mail the link to each scheduled export that is due."""

from datetime import datetime
from functools import partial

from app import exports
from app.db import transaction_for_system
from jobs import runner
from jobs.tasks.job_messages import job_message

NAME = "A regular export"


def run(now: datetime) -> str:
    """Queue each due mail once, and return the count."""
    with transaction_for_system() as db:
        waiting = exports.run_due(db, now=now)
    notified: list[int] = []
    for export_id in waiting:
        runner.attempt(partial(_notify, export_id, now, notified), NAME)
    return job_message((len(notified), "file announced", "files announced"))


def _notify(export_id: int, now: datetime, notified: list[int]) -> None:
    with transaction_for_system() as db:
        new = exports.notify(db, export_id, now=now)
    if new:
        notified.append(export_id)
