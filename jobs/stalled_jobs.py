"""What dead workers had begun is taken up by the living."""

import asyncio
import logging

import psycopg
from procrastinate import App
from procrastinate.exceptions import ConnectorException

log = logging.getLogger(__name__)

# a worker says it is alive every 10 seconds; silent for so long, it is taken to be dead
SILENT_SECONDS = 30


async def take_up_stalled(app: App) -> None:
    """Queue again what dead workers had begun, at the start and ever after."""
    while True:
        try:
            for one in await app.job_manager.get_stalled_jobs(
                seconds_since_heartbeat=SILENT_SECONDS
            ):
                log.warning("Taking up stalled work: %s", one.task_name)
                await app.job_manager.retry_job(one)
        except (ConnectorException, psycopg.Error, OSError) as error:
            # another worker took it up first, or the database is away for a moment
            log.info("Stalled work stays for the next look: %s", type(error).__name__)
        await asyncio.sleep(SILENT_SECONDS)
