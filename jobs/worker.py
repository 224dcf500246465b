"""The queue worker, which also requeues stalled tasks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException

from app.db import job_runs
from app.db.session import psycopg_dsn
from jobs import clock, runner
from jobs.retrying_job_manager import RetryingJobManager
from jobs.schedule import run_line
from jobs.stalled_jobs import SILENT_SECONDS, requeue_stalled
from jobs.tasks import imports, reset_link

log = logging.getLogger(__name__)

AT_ONCE = 4
PATIENCE_SECONDS = 10
PAUSE_SECONDS = 5
# a failed job is retried twice, after one minute and after two
TRIES = RetryStrategy(max_attempts=2, linear_wait=60)


def job(job: str, slot: str) -> str:
    """Run a job of the timetable for a slot."""
    return run_line(job, datetime.fromisoformat(slot))


def import_file(run_id: int) -> str:
    """Run a queued import or undo."""
    return runner.run(imports.NAME, now := clock.now(), lambda: imports.run_one(run_id, now))


def queue() -> App:
    """Return the queue with its tasks; the connection is not open yet."""
    app = App(connector=PsycopgConnector(conninfo=psycopg_dsn(), min_size=1, max_size=AT_ONCE))
    app.job_manager = RetryingJobManager(app.connector)
    app.task(name=job_runs.TASK, retry=TRIES)(job)
    app.task(name=imports.NAME, retry=TRIES)(import_file)
    app.task(name=reset_link.NAME, retry=TRIES)(reset_link.send)
    return app


async def work_until(stopped: Callable[[], Awaitable[None]]) -> None:
    """Run the worker until `stopped` returns; reconnect after a restart of the database."""
    stop = asyncio.ensure_future(stopped())
    while not stop.done():
        try:
            async with queue().open_async() as app:
                await _work(app, stop)
        except (ConnectorException, psycopg.Error, OSError) as error:
            log.warning("The queue cannot be reached: %s", type(error).__name__)
            await asyncio.wait({stop}, timeout=PAUSE_SECONDS)


async def _work(app: App, stop: asyncio.Future[None]) -> None:
    stalled = asyncio.create_task(requeue_stalled(app))
    running = asyncio.create_task(
        app.run_worker_async(
            concurrency=AT_ONCE,
            delete_jobs="successful",
            stalled_worker_timeout=SILENT_SECONDS,
            shutdown_graceful_timeout=PATIENCE_SECONDS,
            install_signal_handlers=False,
        )
    )
    try:
        await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
        while not running.done():
            running.cancel()  # again if a driver has lost it
            await asyncio.wait({running}, timeout=2 * PATIENCE_SECONDS)
        if not running.cancelled():
            running.result()
    finally:
        stalled.cancel()
