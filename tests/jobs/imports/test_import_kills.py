"""An import that is killed leaves nothing behind, and is done by the next worker.

`KILLS=50` kills more often than a usual run does.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, text

from app import imports
from app.accounts import Actor
from app.db import transaction_for_system
from app.settings import ROOT
from tests import factories as make
from tests.conftest import TODAY
from tests.jobs.test_processes import until
from tests.values import present

KILLS = int(os.environ.get("KILLS", "6"))
ROWS = 4_000
FILE = "gift_id,donor_name,email,amount,date\n" + "".join(
    f"G{n},Donor {n % 500},d{n % 500}@example.org,{10 + n % 90}.00,2026-0{1 + n % 9}-1{n % 10}\n"
    for n in range(ROWS)
)


def state() -> tuple[int, ...]:
    """How much of the file is here, in every table it touches."""
    with transaction_for_system() as db:
        return tuple(
            db.scalar(text(f"select count(*) from {table}"))
            for table in ("gift", "donor", "donor_summary", "donor_email", "donor_external_id")
        )


def queued(ruth: Actor) -> int:
    with transaction_for_system() as db:
        plan = imports.preview(
            db,
            ruth,
            imports.ImportRequest("gifts.csv", FILE.encode(), date_order="ymd"),
            today=TODAY,
        )
        imports.queue_import(db, ruth, run_id=plan.run_id, plan_hash=plan.plan_hash)
    return plan.run_id


@pytest.fixture
def worker(database: URL) -> Iterator[subprocess.Popen[str]]:
    """A process that does imports in children of its own."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.imports.import_child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield started
    present(started.stdin).close()
    started.wait(20)
    present(started.stdout).close()


def work(worker: subprocess.Popen[str], run_id: int, *, kill_after: float | None) -> int:
    """Let the worker do the import, killed after so many seconds; return how it ended."""
    present(worker.stdin).write(f"{run_id}\n")
    present(worker.stdin).flush()
    child = int(present(worker.stdout).readline())
    if kill_after is not None:
        time.sleep(kill_after)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    ended = int(present(worker.stdout).readline())
    until(no_connection_is_left)
    return ended


def no_connection_is_left() -> bool:
    """Whether the server has noticed that the killed process is gone."""
    with transaction_for_system() as db:
        return not db.scalar(
            text(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid() and state <> 'idle'"
            )
        )


def test_a_killed_import_leaves_all_or_nothing(worker: subprocess.Popen[str]) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)
    nothing = state()
    began = time.monotonic()
    run_id = queued(ruth)
    assert work(worker, run_id, kill_after=None) == 0
    before, took = state(), time.monotonic() - began
    assert before[0] == ROWS
    collected = {"killed": 0, "done": 0}
    chance = random.Random(7)
    undo(ruth, run_id)
    run_id = queued(ruth)
    while collected["killed"] < KILLS:
        ended = work(worker, run_id, kill_after=chance.uniform(0, took))
        collected["killed"] += ended == -signal.SIGKILL
        # one killed with its last breath has done it all
        assert state() in ({nothing, before} if ended == -signal.SIGKILL else {before})
        if state() == before:
            collected["done"] += 1
            undo(ruth, run_id)
            run_id = queued(ruth)
    # whoever comes next does what the killed ones left
    assert work(worker, run_id, kill_after=None) == 0
    assert state() == before
    print(collected)


def undo(ruth: Actor, run_id: int) -> None:
    with transaction_for_system() as db:
        assert imports.get(db, ruth, run_id=run_id).state == "done"
        imports.undo(db, ruth, run_id=run_id, now=datetime.now(UTC))
