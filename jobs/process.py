"""What `python -m jobs` keeps running: the timetable, the queue's worker, the heartbeat."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from app import file_rights
from app.db import migrate
from app.kit.errors import ConfigurationError
from app.observability import set_up_logs, set_up_reports
from jobs import worker
from jobs.heartbeat import pulse
from jobs.scheduler import Scheduler


def prepare(out: TextIO) -> None:
    """Send the log to `out` and check that the database is ready.

    Raises:
        ConfigurationError: migrations are missing.
    """
    set_up_logs(out)
    set_up_reports()
    file_rights.repair_all()
    if not migrate.at_head():
        msg = "The database needs its migrations first. Run: python -m app db upgrade"
        raise ConfigurationError(msg)


def keep_time_and_work() -> None:
    """Keep the timetable and work on the queue until stopped."""
    scheduler = Scheduler()
    with _until_stopped(), pulse("scheduler"):
        scheduler.start()
        try:
            asyncio.run(worker.work())
        finally:
            scheduler.stop()


def only_work() -> None:
    """Work on the queue until stopped."""
    with _until_stopped(), pulse("worker"):
        asyncio.run(worker.work())


@contextmanager
def _until_stopped() -> Iterator[None]:
    """End in good order also when we are stopped before the worker listens for it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        yield
