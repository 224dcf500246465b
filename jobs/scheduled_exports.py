"""Hourly job: mail the link to each scheduled export that is due."""

from datetime import datetime
from functools import partial

from app import exports
from app.db import transaction_for_system
from jobs import runner
from jobs.job_messages import job_message

NAME = "A regular export"


def run(now: datetime) -> str:
    """Queue each due mail once, and return the count."""
    with transaction_for_system() as db:
        waiting = exports.run_due(db, now=now)
    told: list[int] = []
    for one in waiting:
        runner.attempt(partial(_tell, one, now, told), NAME)
    return job_message((len(told), "file announced", "files announced"))


def _tell(one: int, now: datetime, told: list[int]) -> None:
    with transaction_for_system() as db:
        new = exports.notify(db, one, now=now)
    if new:
        told.append(one)
