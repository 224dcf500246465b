"""Summaries written and sent while processes are killed: none lost, none twice without a reason.

`KILLS=100` kills more often than a usual run does.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import psutil
import pytest
from sqlalchemy import URL, text

from app.db import transaction_for_system
from app.settings import ROOT, settings
from tests import factories as make
from tests.jobs.mail_child import NOW
from tests.smtp_sink import Sink, sink
from tests.values import present

KILLS = int(os.environ.get("KILLS", "5"))
AT_ONCE = 2
PEOPLE = 30 + 8 * KILLS


@pytest.fixture
def server(database: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with sink(monkeypatch) as server:
        settings.cache_clear()
        # a server takes its time
        server.on_message = lambda _message: time.sleep(0.01)
        with transaction_for_system() as db:
            make.organisation(db)
            for number in range(PEOPLE):
                make.person(db, email=f"p{number}@example.org", time_zone="UTC")
        yield server


def states() -> dict[str, int]:
    with transaction_for_system() as db:
        return dict(
            tuple(row) for row in db.execute(text("select state, count(*) from outbox group by 1"))
        )


def held_messages() -> dict[str, int]:
    """The messages that senders hold, by Message-ID, with how often they were tried."""
    with transaction_for_system() as db:
        rows = db.execute(text("select message_id, tries from outbox where state = 'sending'"))
        return {row.message_id: row.tries for row in rows}


@pytest.fixture
def scheduler(server: Sink) -> Iterator[subprocess.Popen[str]]:
    """A process that starts children which write and send."""
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.mail_child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield started
    present(started.stdin).close()
    started.wait(20)
    present(started.stdout).close()


def start(scheduler: subprocess.Popen[str], number: int) -> psutil.Process:
    present(scheduler.stdin).write(f"{number}\n")
    present(scheduler.stdin).flush()
    return psutil.Process(int(present(scheduler.stdout).readline()))


def stop(child: psutil.Process) -> None:
    child.kill()
    child.wait(20)


def test_kills_lose_nothing_and_repeat_only_what_was_under_way(
    server: Sink, scheduler: subprocess.Popen[str]
) -> None:
    luck = random.Random(7)
    left_held: Counter[str] = Counter()
    for number in range(0, KILLS, AT_ONCE):
        children = [start(scheduler, number) for _ in range(AT_ONCE)]
        time.sleep(luck.uniform(0, 0.6))
        for child in children:
            stop(child)
        # the server may still take what was on the wire when its sender died
        time.sleep(0.1)
        left_held.update(held_messages().keys())
    last = start(scheduler, KILLS + 1)
    end = time.monotonic() + 180
    while time.monotonic() < end and states() != {"sent": PEOPLE}:
        time.sleep(0.2)
    stop(last)

    assert states() == {"sent": PEOPLE}
    came = Counter(server.keys)
    lost = PEOPLE - len(came)
    repeated = sum(came.values()) - len(came)
    unexplained = sum(max(0, times - 1 - left_held[item]) for item, times in came.items())
    print(f"killed {KILLS}, expected {PEOPLE}, seen {len(came)}, lost {lost},", end=" ")
    print(f"repeated {repeated}, without a reason {unexplained}")
    assert (lost, unexplained) == (0, 0)
    # a kill repeats at most the message it was at
    assert repeated <= KILLS
    with transaction_for_system() as db:
        written = db.execute(text("select key, count(*) from outbox group by key")).all()
    week = NOW.isocalendar()
    assert {times for _, times in written} == {1}
    assert {row.key.rpartition(":")[2] for row in written} == {f"{week.year}-W{week.week}"}
