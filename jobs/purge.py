"""Nightly: what nobody needs any more is forgotten."""

from datetime import datetime, timedelta

from app import accounts, audit, donors
from app.db import kept, runs, transaction_for_system
from app.db.queue import forget_ended
from jobs.said import said

RUNS_KEPT = timedelta(days=90)
SILENT_FOR = timedelta(days=1)
TASKS_KEPT = timedelta(days=14)
LOOKS_KEPT = timedelta(days=365)
# seven years, as long as books are kept
RECORD_KEPT = timedelta(days=7 * 365 + 2)


def run(now: datetime) -> str:
    """Forget expired sessions and codes, old runs, ended work of the queue, the oldest record."""
    with transaction_for_system() as db:
        expired = accounts.purge(db, now=now)
        old = runs.purge(db, before=now - RUNS_KEPT, dead_before=now - SILENT_FOR)
        ended = forget_ended(db, before=now - TASKS_KEPT)
        looks = donors.forget_looks(db, before=now - LOOKS_KEPT)
        answers = kept.forget(db, before=now - kept.LASTS)
        lines = audit.forget_old(db, before=now - RECORD_KEPT)
    return said(
        (expired, "expired session or code cleared", "expired sessions and codes cleared"),
        (old, "old run cleared", "old runs cleared"),
        (ended, "ended task cleared", "ended tasks cleared"),
        (looks, "old look at a donor cleared", "old looks at donors cleared"),
        (answers, "old answer cleared", "old answers cleared"),
        (lines, "old line of the record cleared", "old lines of the record cleared"),
    )
