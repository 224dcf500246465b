"""A job manager that retries to store the end of a task while the database is unavailable.

Otherwise the task would stay in the state "doing" of a live worker and never be retried.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

log = logging.getLogger(__name__)

# seconds between tries; after that the worker ends, and another worker retries the task
WAITS = (0.5, 1, 2, 4, 8, 15)


class RetryingJobManager(JobManager):
    """A JobManager that retries to store how a task ended."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001
        """Store that a task has ended."""
        await _again(lambda: super(RetryingJobManager, self).finish_job(job, status, delete_job))

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Store that a task is to be retried."""
        await _again(
            lambda: super(RetryingJobManager, self).retry_job(job, retry_at, priority, queue, lock)
        )


async def _again(write: Callable[[], Awaitable[None]]) -> None:
    for wait in WAITS:
        try:
            return await write()
        except ConnectorException as error:
            log.info("How a task ended is written down again later: %s", type(error).__name__)
            await asyncio.sleep(wait)
    return await write()
