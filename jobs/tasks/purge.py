"""Nightly job: delete data past its retention period."""

from datetime import datetime, timedelta

from app import exports, imports, privacy, summaries
from app.db import data_version, job_runs, transaction_for_system
from app.db.queue import forget_ended
from jobs.tasks.job_messages import job_message

# longer than the interval of the rarest job (quarterly), so that each slot is taken only once
RUN_RETENTION = timedelta(days=110)
SILENT_FOR = timedelta(days=1)
TASK_RETENTION = timedelta(days=14)


def run(now: datetime) -> str:
    """Delete expired personal data, old runs, used links and ended tasks of the queue.

    Also move uploads of an earlier version, which are still on the disk, to the database.
    """
    with transaction_for_system() as db:
        forgotten = privacy.purge_expired(db, now=now)
        old = job_runs.purge(db, before=now - RUN_RETENTION, dead_before=now - SILENT_FOR)
        used = summaries.purge_actions(db, now=now)
        data_version.combine_versions(db)
        ended = forget_ended(db, before=now - TASK_RETENTION)
    with transaction_for_system() as db:
        archives = exports.delete_old_archives(db, now=now)
        copied = imports.copy_disk_files(db)
    moved = imports.delete_disk_files(copied)
    return job_message(
        *forgotten,
        (old, "old run cleared", "old runs cleared"),
        (used, "used link cleared", "used links cleared"),
        (ended, "ended task cleared", "ended tasks cleared"),
        (moved, "file moved to the database", "files moved to the database"),
        (archives, "old archive deleted", "old archives deleted"),
    )
