"""Hourly job: queue the weekly summaries due at each user's own weekday and hour."""

from datetime import datetime
from functools import partial

from app import summaries
from app.db import transaction_for_system
from app.kit.errors import DonorCrmError
from app.kit.formatting import count
from jobs import runner
from jobs.tasks.job_messages import job_message

NAME = "A weekly summary"


class SummariesMissingError(DonorCrmError):
    """Some summaries could not be written; they are retried within the hour."""


def run(now: datetime) -> str:
    """Queue the due summaries, one per user and week, and return the count.

    Raises:
        SummariesMissingError: some could not be written; the others are queued.
    """
    with transaction_for_system() as db:
        waiting = summaries.due(db, now=now)
    queued = [
        summary for summary in waiting if runner.attempt(partial(_queue, summary, now), NAME)
    ]
    if len(queued) < len(waiting):
        missing = count(len(waiting) - len(queued), "summary", "summaries")
        msg = f"{missing} could not be written; {len(queued):,} queued. The log says why."
        raise SummariesMissingError(msg)
    return job_message((len(queued), "summary queued", "summaries queued"))


def _queue(summary: summaries.Due, now: datetime) -> None:
    with transaction_for_system() as db:
        summaries.queue(db, summary, now=now)
