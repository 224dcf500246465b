"""When a big file is handed over: bring it in, or take it back, in one transaction."""

from datetime import datetime

from app import imports
from app.accounts import SYSTEM
from app.db import transaction_for_system
from jobs import clock

# the queue's task that the import screen hands a run to
NAME = "imports"


def run(now: datetime) -> str:
    """Do every import that waits, and every undo."""
    with transaction_for_system() as db:
        found = imports.history(db, SYSTEM)
    waiting = [run.id for run in found if run.state in {"queued", "undoing"}]
    done = [run_one(run_id, now) for run_id in reversed(waiting)]
    return " ".join(done) or "No import waits."


def run_one(run_id: int, now: datetime) -> str:
    """Do one import, or its undo, and say how it ended."""
    with transaction_for_system() as db:
        today = clock.today(db, now)
    undone = imports.undo_queued(run_id, now=now)
    return undone or imports.run_queued(run_id, today=today, now=now)
