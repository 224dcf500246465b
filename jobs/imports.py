"""When a big file is handed over: bring it in, in one transaction of its own."""

from datetime import datetime

from app import imports
from app.accounts import SYSTEM
from app.db import transaction_for_system
from jobs import clock

# the queue's task that the import screen hands a run to
NAME = "imports"


def run(now: datetime) -> str:
    """Do every import that waits."""
    with transaction_for_system() as db:
        waiting = [run.id for run in imports.history(db, SYSTEM) if run.state == "queued"]
    done = [run_one(run_id, now) for run_id in reversed(waiting)]
    return " ".join(done) or "No import waits."


def run_one(run_id: int, now: datetime) -> str:
    """Do one import and say how it ended."""
    with transaction_for_system() as db:
        today = clock.today(db, now)
    return imports.run_queued(run_id, today=today, now=now)
