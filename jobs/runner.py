"""Execution of jobs: stores the run, its result or error, and isolates failures."""

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime

from app.db import job_runs, transaction_for_system
from app.db.statements import timeouts
from app.db.statements.parameters import UnstorableValueError, is_refusal
from app.kit.errors import DonorCrmError
from app.observability import report, traced

log = logging.getLogger(__name__)

WORKER = f"{socket.gethostname()}:{os.getpid()}"
# limits the tries of a job whose process dies on every try
MOST_TRIES = 6
LONGEST_ERROR = 500


class JobFailedError(DonorCrmError):
    """A job failed; the reason is stored with its run."""


def run(job: str, slot: datetime, work: Callable[[], str]) -> str:
    """Execute `work` as a run of a job, store its start and end, and return its result.

    Its statements have a longer timeout than those of a screen (`timeouts.JOB`).

    Raises:
        JobFailedError: the work failed; the message is the error stored with the run.
    """
    with transaction_for_system() as db:
        tries = job_runs.start(db, job=job, slot=slot, worker=WORKER)
    if tries > MOST_TRIES:
        return _end(job, slot, error=f"Given up: {MOST_TRIES} tries ended without an answer.")
    log.info("%s started, try %d", job, tries)
    try:
        with traced("job", job), timeouts.longer(timeouts.JOB):
            message = work()
    except Exception as error:  # noqa: BLE001 - the boundary: the next job still runs
        sentence = _sentence(error)
        if not is_refusal(error):
            report(error, where="job")
        _end(job, slot, error=sentence)
        raise JobFailedError(sentence) from None
    return _end(job, slot, result=message)


def attempt(work: Callable[[], object], name: str) -> bool:
    """Do one part of a job; log a failure instead of raising it, and return whether it worked."""
    try:
        work()
    except Exception as error:
        log.warning("%s failed", name, exc_info=error)
        if not is_refusal(error):
            report(error, where="job")
        return False
    return True


def _end(job: str, slot: datetime, *, result: str | None = None, error: str | None = None) -> str:
    with transaction_for_system() as db:
        job_runs.finish(db, job=job, slot=slot, result=result, error=error)
    log.info("%s ended: %s", job, "failed" if error else "done")
    return result or error or ""


def _sentence(error: Exception) -> str:
    if isinstance(error, UnstorableValueError):
        # the sentence names no value, as the database's own may
        return f"{type(error.__cause__ or error).__name__}: {error}"
    if isinstance(error, DonorCrmError):
        return str(error)
    # the first line only: the rest of a database error contains values of the statement
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:LONGEST_ERROR]
