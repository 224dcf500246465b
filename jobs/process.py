"""The process `python -m jobs`: scheduler, queue worker and heartbeat."""

import asyncio
from typing import TextIO

from app import demonstration_mode, file_rights
from app.db import schema_revision
from app.db.monitoring import pooling
from app.kit.errors import ConfigurationError
from app.observability import set_up_logs, set_up_reports
from app.settings import settings
from jobs.heartbeat import heartbeat
from jobs.stop_request import StopRequest


def prepare(output: TextIO) -> None:
    """Set up the log to `output`, repair file permissions and check the schema.

    Raises:
        ConfigurationError: migrations are missing.
    """
    set_up_logs(output)
    set_up_reports()
    chosen = settings()
    file_rights.repair_all(chosen.data_dir, backup_to=chosen.backup_to)
    pooling.check_connections()
    if not schema_revision.at_head():
        msg = "The database needs its migrations first. Run: python -m app db upgrade"
        raise ConfigurationError(msg)


def keep_time_and_work() -> None:
    """Run the scheduler and a worker for the queue until stopped."""
    # slow to import, and `run` and `list` need neither
    from jobs import worker  # noqa: PLC0415
    from jobs.scheduler import Scheduler  # noqa: PLC0415

    stop = StopRequest()
    scheduler = Scheduler()
    _end_at_switch()
    with heartbeat("scheduler"):
        scheduler.start()
        try:
            asyncio.run(worker.work_until(stop.wait))
        finally:
            scheduler.stop()


def only_work() -> None:
    """Run a worker for the queue until stopped."""
    from jobs import worker  # noqa: PLC0415 - as above

    stop = StopRequest()
    _end_at_switch()
    with heartbeat("worker"):
        asyncio.run(worker.work_until(stop.wait))


def _end_at_switch() -> None:
    """End when the demonstration is switched on or off: it has another database."""
    chosen = settings()
    demonstration_mode.end_when_changed(chosen.data_dir, started_with=chosen.demonstration)
