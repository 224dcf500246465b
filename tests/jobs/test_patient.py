"""The end of a task is written down once the database is back, and not for ever tried."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.testing import InMemoryConnector
from sqlalchemy import URL

from jobs import worker
from jobs.retrying_job_manager import WAITS, RetryingJobManager

JOB = Job(id=7, queue="default", lock=None, queueing_lock=None, task_name="job")


def finish(coroutine: Coroutine[object, object, None]) -> None:
    """Run it in a thread of its own: in this one a browser's loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], list[float]]:
    """A database that is away for some tries; waits are counted and not waited."""
    left, waited = [0], []

    async def ends(_self: object, job: Job, status: Status, delete_job: bool) -> None:
        if left[0]:
            left[0] -= 1
            raise ConnectorException
        assert (job, status, delete_job) == (JOB, Status.SUCCEEDED, True)

    async def retry(
        _self: object,
        job: Job,
        retry_at: datetime | None,
        priority: int | None,
        queue: str | None,
        lock: str | None,
    ) -> None:
        if left[0]:
            left[0] -= 1
            raise ConnectorException
        assert (job, retry_at, priority, queue, lock) == (JOB, None, 3, None, "a lock")

    async def no_wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(JobManager, "finish_job", ends)
    monkeypatch.setattr(JobManager, "retry_job", retry)
    monkeypatch.setattr(asyncio, "sleep", no_wait)
    return left, waited


@pytest.mark.parametrize("times", [0, 1, len(WAITS)])
def test_it_is_written_down_when_the_database_is_back(
    away: tuple[list[int], list[float]], times: int
) -> None:
    left, waited = away
    left[0] = times
    finish(
        RetryingJobManager(InMemoryConnector()).finish_job(JOB, Status.SUCCEEDED, delete_job=True)
    )
    assert waited == list(WAITS[:times])
    left[0] = times
    finish(RetryingJobManager(InMemoryConnector()).retry_job(JOB, priority=3, lock="a lock"))
    assert waited == list(WAITS[:times]) * 2


def test_in_the_end_the_worker_hears_of_it(away: tuple[list[int], list[float]]) -> None:
    away[0][0] = len(WAITS) + 1
    with pytest.raises(ConnectorException):
        finish(
            RetryingJobManager(InMemoryConnector()).finish_job(
                JOB, Status.SUCCEEDED, delete_job=True
            )
        )


def test_the_worker_has_it(database: URL) -> None:
    assert isinstance(worker.queue().job_manager, RetryingJobManager)
