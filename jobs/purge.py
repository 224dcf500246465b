"""Nightly: what nobody needs any more is forgotten."""

from datetime import datetime, timedelta

from app import imports, privacy, summaries
from app.db import data_version, job_runs, transaction_for_system
from app.db.queue import forget_ended
from jobs.job_messages import said

# longer than two slots of the rarest line are apart, so that each is taken once
RUNS_KEPT = timedelta(days=110)
SILENT_FOR = timedelta(days=1)
TASKS_KEPT = timedelta(days=14)


def run(now: datetime) -> str:
    """Forget what is about people and has had its time, old runs, ended work of the queue."""
    with transaction_for_system() as db:
        forgotten = privacy.forget_old(db, now=now)
        old = job_runs.purge(db, before=now - RUNS_KEPT, dead_before=now - SILENT_FOR)
        used = summaries.forget_old(db, now=now)
        data_version.fold(db)
        ended = forget_ended(db, before=now - TASKS_KEPT)
    # where the app ran before files were encrypted
    encrypted = imports.encrypt_plain_files()
    return said(
        *forgotten,
        (old, "old run cleared", "old runs cleared"),
        (used, "used link cleared", "used links cleared"),
        (ended, "ended task cleared", "ended tasks cleared"),
        (encrypted, "file encrypted", "files encrypted"),
    )
