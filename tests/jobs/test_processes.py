"""Real scheduler processes on a real database: nothing runs twice, nothing is lost by a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import pytest
from sqlalchemy import URL, text

from app.db import transaction_for_system
from app.db.queue import defer
from app.settings import ROOT
from jobs.schedule import TIMETABLE
from tests import factories as make

# `SCHEDULERS=6` starts more than a usual run does
SCHEDULERS = int(os.environ.get("SCHEDULERS", "2"))
PATIENCE = 180
SLOTS = sorted(line.name for line in TIMETABLE if line.when)


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m jobs …` until the block ends, then stop it as a supervisor would."""
    started = subprocess.Popen(
        [sys.executable, "-m", "jobs", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.terminate()
        output, _ = started.communicate(timeout=PATIENCE)
        print(output)


def ask(statement: str, **values: object) -> list[tuple[object, ...]]:
    with transaction_for_system() as db:
        return [tuple(row) for row in db.execute(text(statement), values)]


Answer = TypeVar("Answer")


def until(condition: Callable[[], Answer]) -> Answer:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.2)
    pytest.fail("It did not happen.")


def done() -> list[tuple[object, ...]]:
    return ask("select job from job_run where state = 'done' order by job")


@pytest.fixture
def house(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db, time_zone="America/Chicago")
        make.donor(db, make.person(db))


def test_schedulers_together_run_each_slot_once_and_end_in_good_order(house: None) -> None:
    # every run leaves a mark, so that a second run of a slot would show
    ask_once = "create table mark (job text, try int)"
    with transaction_for_system() as db:
        db.execute(
            text(
                f"{ask_once}; create function mark() returns trigger language plpgsql as"
                " $$ begin insert into mark values (new.job, new.tries); return new; end $$;"
                "create trigger mark after update on job_run for each row"
                " when (new.state = 'done') execute function mark()"
            )
        )
    with ExitStack() as stack:
        started = [stack.enter_context(process()) for _ in range(SCHEDULERS)]
        until(lambda: [row[0] for row in done()] == SLOTS)
        alive = "select * from heartbeat where kind = 'scheduler'"
        until(lambda: len(ask(alive)) == SCHEDULERS)

    assert {process.returncode for process in started} == {0}
    assert sorted(ask("select job, try from mark")) == [(job, 1) for job in SLOTS]
    assert ask("select * from heartbeat") == []
    assert ask("select * from procrastinate_jobs") == []
    assert len(ask("select * from timetable")) == len(TIMETABLE)


def test_a_process_asked_to_stop_at_any_moment_ends_in_good_order(house: None) -> None:
    with ExitStack() as stack:
        started = [stack.enter_context(process()) for _ in range(3)]
        until(lambda: len(ask("select * from heartbeat")) == len(started))
        # the later ones are between the first heartbeat and the first look at the queue
        for one in started:
            one.terminate()
            time.sleep(0.2)
        for one in started:
            one.wait(PATIENCE)

    assert {process.returncode for process in started} == {0}
    assert ask("select * from heartbeat") == []


def test_work_under_a_killed_worker_is_taken_up_and_done_once(house: None) -> None:
    with transaction_for_system() as db:
        db.execute(
            text(
                "create function wait() returns trigger language plpgsql as $$ begin"
                " if new.state = 'done' and new.tries = 1 then perform pg_sleep(10); end if;"
                " return new; end $$;"
                "create trigger wait before update on job_run for each row"
                " execute function wait()"
            )
        )
        db.execute(
            text("insert into job_run (job, slot) values ('late_pledges', '2026-11-23T12:00Z')")
        )
        defer(
            db,
            "job",
            {"job": "late_pledges", "slot": "2026-11-23T12:00:00+00:00"},
            lock="job:late_pledges",
        )
    with process("worker") as first:
        until(lambda: ask("select * from job_run where state = 'running'"))
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert ask("select status::text from procrastinate_jobs") == [("doing",)]
    # half a minute of silence, without waiting for it
    with transaction_for_system() as db:
        db.execute(text("update procrastinate_workers set last_heartbeat = now() - interval '1h'"))

    with process("worker"):
        until(done)

    assert ask("select tries, state from job_run") == [(2, "done")]
    assert ask("select * from procrastinate_jobs") == []


def test_a_failed_job_is_tried_again_later_and_the_next_still_runs(house: None) -> None:
    with transaction_for_system() as db:
        db.execute(text("alter table alert rename to alert_away"))
        for job in ("late_pledges", "summaries_check"):
            db.execute(
                text("insert into job_run (job, slot) values (:job, '2026-11-23T12:00Z')"),
                {"job": job},
            )
            defer(db, "job", {"job": job, "slot": "2026-11-23T12:00:00+00:00"})

    with process("worker"):
        until(lambda: done() == [("summaries_check",)])
        until(lambda: ask("select * from job_run where state = 'failed'"))
        waiting = until(
            lambda: ask(
                "select args->>'job' from procrastinate_jobs"
                " where status = 'todo' and scheduled_at > now()"
            )
        )

    assert waiting == [("late_pledges",)]
    ((error,),) = ask("select error from job_run where state = 'failed'")
    assert "alert" in str(error)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jobs", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_command_lists_runs_and_refuses(house: None) -> None:
    listed = command("list")
    ran = command("run", "late_pledges", "--now", "2026-11-23T12:00")
    refused = command("run", "nope")
    wrong = command("run", "late_pledges", "--now", "yesterday")

    assert [line.split()[0] for line in listed.stdout.splitlines()] == [
        line.name for line in TIMETABLE
    ]
    assert (ran.returncode, ran.stdout) == (0, "Nothing new.\n")
    assert refused.returncode == 1
    assert refused.stderr.startswith("There is no job called nope.")
    assert wrong.returncode == 1
    assert "is not a moment" in wrong.stderr
    assert ask("select job, state from job_run") == [("late_pledges", "done")]


def test_without_migrations_it_says_what_to_do(database: URL) -> None:
    with transaction_for_system() as db:
        db.execute(text("delete from alembic_version"))

    output = command("list")

    assert output.returncode == 1
    assert "python -m app db upgrade" in output.stderr
