"""What `python -m jobs` keeps running: the timetable, the queue's worker, the heartbeat."""

import asyncio
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from app.db import migrate
from app.kit.errors import ConfigurationError
from app.settings import settings
from jobs import worker
from jobs.pulse import pulse
from jobs.scheduler import Scheduler


def prepare() -> None:
    """Send the log to stderr and check that the database is ready.

    Raises:
        ConfigurationError: migrations are missing.
    """
    logging.basicConfig(
        level=settings().log_level,
        format="%(asctime)s %(name)s: %(message)s",
        stream=sys.stderr,
        force=True,
    )
    # they report every step of theirs; ours say what was done
    for chatty in ("apscheduler", "procrastinate", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
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
