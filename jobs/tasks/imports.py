"""Job for queued imports of big files and their undo, each in one transaction."""

from datetime import datetime

from app import imports
from app.accounts import SYSTEM
from app.db import transaction_for_system
from jobs import clock

# the task name to which the import screen queues a run
NAME = "imports"


def run(now: datetime) -> str:
    """Run every queued import and undo, and return their results."""
    with transaction_for_system() as db:
        runs = imports.history(db, SYSTEM)
    waiting = [run.id for run in runs if run.state in {"queued", "undoing"}]
    done = [run_one(run_id, now) for run_id in reversed(waiting)]
    return " ".join(done) or "No import waits."


def run_one(run_id: int, now: datetime) -> str:
    """Run one queued import or undo, and return its result."""
    with transaction_for_system() as db:
        today = clock.today(db, now)
    undone = imports.undo_queued(run_id, now=now)
    return undone or imports.run_queued(run_id, today=today, now=now)
