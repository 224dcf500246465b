"""Hourly: the way to a file, for everybody whose day for it has come."""

from datetime import datetime
from functools import partial

from app import exports
from app.db import transaction_for_system
from jobs import runner
from jobs.job_messages import said

NAME = "A regular export"


def run(now: datetime) -> str:
    """Queue the mails that are due, each once, and say how many."""
    with transaction_for_system() as db:
        waiting = exports.due(db, now=now)
    told: list[int] = []
    for one in waiting:
        runner.attempt(partial(_tell, one, now, told), NAME)
    return said((len(told), "file announced", "files announced"))


def _tell(one: int, now: datetime, told: list[int]) -> None:
    with transaction_for_system() as db:
        new = exports.tell(db, one, now=now)
    if new:
        told.append(one)
