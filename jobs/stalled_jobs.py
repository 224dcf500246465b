"""Retry of stalled tasks, whose worker has died."""

import asyncio
import logging

import psycopg
from procrastinate import App
from procrastinate.exceptions import ConnectorException

log = logging.getLogger(__name__)

# a worker writes a heartbeat every 10 seconds; without one for this long it counts as dead
SILENT_SECONDS = 30


async def requeue_stalled(app: App) -> None:
    """Requeue the tasks of dead workers, now and every SILENT_SECONDS, without end."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(
                seconds_since_heartbeat=SILENT_SECONDS
            ):
                log.warning("Taking up stalled work: %s", job.task_name)
                await app.job_manager.retry_job(job)
        except (ConnectorException, psycopg.Error, OSError) as error:
            # another worker has requeued it already, or the database is unavailable
            log.info("Stalled work stays for the next look: %s", type(error).__name__)
        await asyncio.sleep(SILENT_SECONDS)
