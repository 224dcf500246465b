"""An import that waits for another says for which, goes on after it, and can be cancelled."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from subprocess import Popen
from typing import TypeVar

import pytest
from sqlalchemy import URL, text

from app import imports
from app.accounts import Actor, Role
from app.db import transaction_for_system
from app.db.statements import timeouts
from app.imports import import_lock
from app.imports.queries.runs import import_lock as lock_queries
from app.settings import settings
from tests import factories as make
from tests.conftest import TODAY
from tests.jobs.imports.test_import_cancel import SLOW, SOON, cancel, do, is_running, run_of
from tests.jobs.imports.test_import_kills import no_connection_is_left, queued, state, worker
from tests.jobs.test_processes import until
from tests.pages.imports.test_import_file import DONORS, button, screen, shown_text, upload
from tests.values import present

__all__ = ["worker"]
FOR = "Waiting for another import to"


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane")


@pytest.fixture
def at_work(ruth: Actor, worker: Popen[str]) -> Iterator[int]:
    """An import that another process is at, for as long as it is not cancelled."""
    with transaction_for_system() as db:
        db.execute(text(SLOW["while it writes"]))
    run_id = queued(ruth)
    present(worker.stdin).write(f"{run_id}\n")
    present(worker.stdin).flush()
    present(worker.stdout).readline()
    until(lambda: is_running(run_id))
    yield run_id
    if run_of(ruth, run_id).state == "running":
        with transaction_for_system() as db:
            db.execute(
                text("update import_run set state = 'cancelled' where id = :id"), {"id": run_id}
            )
    present(worker.stdout).readline()


Answer = TypeVar("Answer")


def beside(
    work: Callable[..., Answer], *args: int | datetime
) -> tuple[threading.Thread, list[Answer]]:
    """Do something in a thread of its own, and what it answers."""
    output: list[Answer] = []
    thread = threading.Thread(target=lambda: output.append(work(*args)))
    thread.start()
    return thread, output


def test_two_processes_one_waits_says_for_whom_and_then_goes_on(
    ruth: Actor, now: datetime, at_work: int
) -> None:
    waiting = queued(ruth)
    thread, messages = beside(do, waiting, now)
    until(lambda: run_of(ruth, waiting).doing == f"{FOR} finish: gifts.csv")
    assert run_of(ruth, waiting).state == "running"
    assert state()[0] == 0
    with transaction_for_system() as db:
        db.execute(
            text(
                "create or replace function slow() returns trigger language plpgsql as"
                " $$ begin return null; end $$"
            )
        )
    cancel(ruth, at_work, now)
    thread.join(SOON)
    assert messages == [f"Import {waiting} is done."]
    assert run_of(ruth, waiting).doing is None


def test_it_is_cancelled_while_it_waits_and_the_other_goes_on(
    ruth: Actor, now: datetime, at_work: int
) -> None:
    nothing = state()
    waiting = queued(ruth)
    thread, messages = beside(do, waiting, now)
    until(lambda: (run_of(ruth, waiting).doing or "").startswith(FOR))
    cancel(ruth, waiting, now)
    thread.join(SOON)
    assert messages == [f"Import {waiting} was cancelled."]
    assert (run_of(ruth, waiting).state, run_of(ruth, waiting).doing) == ("cancelled", None)
    assert (run_of(ruth, at_work).state, state()) == ("running", nothing)


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        (Role.ADMIN, f"{FOR} finish: gifts.csv, by Ruth Vane"),
        # whose history does not show that file is not told its name either
        (Role.FUNDRAISER, f"{FOR} finish: a file of Ruth Vane"),
    ],
)
def test_another_persons_file_is_named_to_whom_may_see_it(
    ruth: Actor, at_work: int, role: Role, sentence: str
) -> None:
    with transaction_for_system() as db:
        other = make.person(db, role=role)
        assert imports.try_lock(db) is False
        assert import_lock.sentence(db, other) == sentence


def test_the_sentence_follows_whoever_is_at_work(ruth: Actor, now: datetime) -> None:
    waiting, other = queued(ruth), queued(ruth)
    with transaction_for_system() as db:
        db.execute(
            text("update import_run set file_name = 'other.csv' where id = :id"), {"id": other}
        )
    with transaction_for_system() as holder:
        assert lock_queries.take(holder)
        thread, messages = beside(do, waiting, now)
        # by the command line, before its file has a number
        until(lambda: run_of(ruth, waiting).doing == f"{FOR} finish")
        lock_queries.name(holder, other)
        until(lambda: run_of(ruth, waiting).doing == f"{FOR} finish: other.csv")
    thread.join(SOON)
    assert messages == [f"Import {waiting} is done."]


def test_an_undo_waits_too_and_says_so(ruth: Actor, now: datetime) -> None:
    run_id, other = queued(ruth), queued(ruth)
    assert do(run_id, now) == f"Import {run_id} is done."
    with transaction_for_system() as db:
        imports.queue_undo(db, ruth, run_id=run_id, now=now)
        db.execute(text("update import_run set state = 'undoing' where id = :id"), {"id": other})
    with transaction_for_system() as holder:
        assert lock_queries.take(holder)
        lock_queries.name(holder, other)
        thread, messages = beside(lambda: imports.undo_queued(run_id, now=now))
        until(lambda: run_of(ruth, run_id).doing == f"{FOR} be undone: gifts.csv")
        assert run_of(ruth, run_id).state == "undoing"
        cancel(ruth, run_id, now)
        thread.join(SOON)
    assert messages == [f"The undo of import {run_id} was cancelled."]
    assert run_of(ruth, run_id).state == "done"


def test_one_that_waits_for_hours_is_refused_and_can_be_done_again(
    ruth: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queued(ruth)
    monkeypatch.setenv("STATEMENT_TIMEOUT_MS", "100")
    settings.cache_clear()
    monkeypatch.setattr(timeouts, "TURN", timedelta(milliseconds=400))
    nothing = state()
    with transaction_for_system() as holder:
        assert lock_queries.take(holder)
        thread, messages = beside(do, run_id, now)
        thread.join(SOON)
    sentence = "Another import was still at work after 400 ms. Nothing was changed; try again"
    assert messages[0].startswith(f"Import {run_id} was refused: {sentence}")
    run = run_of(ruth, run_id)
    assert (run.state, run.has_file, state()) == ("failed", True, nothing)


def test_an_import_from_a_screen_does_not_wait_for_another(ruth: Actor, now: datetime) -> None:
    """A small file that would have to wait goes to the worker, and can be cancelled there."""
    page = upload(screen(ruth), DONORS)
    other = queued(ruth)
    with transaction_for_system() as holder:
        assert lock_queries.take(holder)
        lock_queries.name(holder, other)
        button(page, "Import 3 donors").click().run()
        assert not page.exception
        with transaction_for_system() as db:
            run = next(run for run in imports.history(db, ruth) if run.file_name == "file.csv")
        assert run.state == "queued"
        thread, messages = beside(do, run.id, now)
        until(lambda: (run_of(ruth, run.id).doing or "").startswith(FOR))
        bars = [item.proto.text for item in screen(ruth).get("progress")]
        assert [bar for bar in bars if "finish: gifts" in bar]
    thread.join(SOON)
    assert messages == [f"Import {run.id} is done."]
    assert "Done" in shown_text(screen(ruth))


def test_an_undo_on_the_screen_goes_to_the_worker_too(ruth: Actor, now: datetime) -> None:
    with transaction_for_system() as db:
        plan = imports.import_file(
            db, ruth, imports.ImportRequest("people.csv", DONORS), today=TODAY, now=now
        )
    page = screen(ruth)
    with transaction_for_system() as holder:
        assert lock_queries.take(holder)
        button(page, "Undo").click().run()
        button(page, "Undo import").click().run()
        assert not page.exception
        assert run_of(ruth, plan.run_id).state == "undoing"
    assert imports.undo_queued(plan.run_id, now=now) == f"Import {plan.run_id} is undone."
    until(no_connection_is_left)
