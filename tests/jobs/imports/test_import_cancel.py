"""An import that waits or runs is cancelled from another process, and leaves nothing behind."""

import os
import signal
import threading
import time
from datetime import datetime
from subprocess import Popen
from typing import Required, TypedDict, Unpack

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import audit, imports
from app.accounts import Actor, Role
from app.db import transaction, transaction_for_system
from app.db.statements.cancellation import StoppedError, stoppable
from app.imports.queries.runs import before_images as before_image_queries
from app.kit.errors import ConfigurationError, ConflictError, NotAllowedError, NotFoundError
from tests import factories as make
from tests.conftest import TODAY
from tests.jobs.imports.test_import_kills import no_connection_is_left, queued, state, worker
from tests.jobs.test_processes import process, until
from tests.values import present

__all__ = ["worker"]

# far below the minute its statement would take, however busy the machine
SOON = 20
SLOW = {
    "while it writes": "create function slow() returns trigger language plpgsql as"
    " $$ begin perform pg_sleep(60); return null; end $$;"
    " create trigger slow after insert on gift for each statement execute function slow()",
    "in many short statements": "create function slow() returns trigger language plpgsql as"
    " $$ begin perform pg_sleep(0.02); return new; end $$;"
    " create trigger slow before insert on gift for each row execute function slow()",
}
# what the import holds when nobody else brings anything in
LOCK = text("select pg_advisory_xact_lock(hashtext('donorcrm import'))")


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane")


def cancel(actor: Actor, run_id: int, now: datetime) -> None:
    with transaction(actor) as db:
        imports.cancel(db, actor, run_id=run_id, now=now)


def run_of(actor: Actor, run_id: int) -> imports.Run:
    with transaction(actor) as db:
        return imports.get(db, actor, run_id=run_id)


def is_running(run_id: int) -> bool:
    with transaction_for_system() as db:
        query = text("select progress >= 30 from import_run where id = :id")
        return bool(db.scalar(query, {"id": run_id}))


def do(run_id: int, now: datetime) -> str:
    return imports.run_queued(run_id, today=TODAY, now=now)


def test_one_that_waits_is_cancelled_and_no_worker_takes_it_up(ruth: Actor, now: datetime) -> None:
    nothing = state()
    run_id = queued(ruth)
    cancel(ruth, run_id, now)
    assert do(run_id, now) == f"Import {run_id} was not waiting."
    run = run_of(ruth, run_id)
    assert (run.state, run.canceller, run.cancelled_at) == ("cancelled", "Ruth Vane", now)
    assert state() == nothing
    with transaction(ruth) as db:
        assert [run.id for run in imports.history(db, ruth)] == [run_id]


@pytest.mark.parametrize("how", SLOW)
def test_one_that_runs_stops_soon_and_leaves_nothing(
    ruth: Actor, now: datetime, worker: Popen[str], how: str
) -> None:
    nothing = state()
    run_id = queued(ruth)
    with transaction_for_system() as db:
        db.execute(text(SLOW[how]))
    present(worker.stdin).write(f"{run_id}\n")
    present(worker.stdin).flush()
    present(worker.stdout).readline()
    until(lambda: is_running(run_id))
    began = time.monotonic()
    cancel(ruth, run_id, now)
    # the process itself ended well: it has answered, and not died
    assert int(present(worker.stdout).readline()) == 0
    assert time.monotonic() - began < SOON
    until(no_connection_is_left)
    assert (run_of(ruth, run_id).state, state()) == ("cancelled", nothing)


def test_the_queue_goes_on_with_the_next_import(ruth: Actor, now: datetime) -> None:
    with transaction_for_system() as db:
        db.execute(text(SLOW["while it writes"]))
    run_id = queued(ruth)
    with process("worker"):
        until(lambda: is_running(run_id))
        cancel(ruth, run_id, now)
        until(no_connection_is_left)
        with transaction_for_system() as db:
            db.execute(text("drop trigger slow on gift"))
        following = queued(ruth)
        until(lambda: run_of(ruth, following).state == "done")
    assert run_of(ruth, run_id).state == "cancelled"
    with transaction_for_system() as db:
        jobs = db.execute(text("select job, result from job_run where job = 'imports'")).all()
    assert f"Import {run_id} was cancelled." in [row.result for row in jobs]


def test_one_that_waits_for_another_import_stops_too(ruth: Actor, now: datetime) -> None:
    run_id = queued(ruth)
    with transaction_for_system() as other:
        other.execute(LOCK)
        messages: list[str] = []
        at_work = threading.Thread(target=lambda: messages.append(do(run_id, now)))
        at_work.start()
        until(lambda: run_of(ruth, run_id).state == "running")
        cancel(ruth, run_id, now)
        at_work.join(SOON)
        assert messages == [f"Import {run_id} was cancelled."]


def test_one_at_its_very_end_is_in_and_says_so(
    ruth: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both change the same row, so that exactly one of the two can happen."""
    run_id = queued(ruth)
    at_the_end, go_on = threading.Event(), threading.Event()
    record = audit.record

    class Entry(TypedDict, total=False):
        """An entry of the audit log."""

        actor_id: Required[int | None]
        action: Required[str]
        entity: Required[str]
        sentence: Required[str]
        entity_id: int | None
        donor_id: int | None
        before: dict[str, object] | None
        after: dict[str, object] | None

    def slowly(db: Session, **facts: Unpack[Entry]) -> None:
        record(db, **facts)
        if facts["action"] == "import.committed":
            at_the_end.set()
            go_on.wait(30)

    monkeypatch.setattr(audit, "record", slowly)
    at_work = threading.Thread(target=do, args=(run_id, now))
    at_work.start()
    assert at_the_end.wait(30)
    threading.Timer(0.5, go_on.set).start()
    with pytest.raises(ConflictError, match="It was in already; you can undo it"):
        cancel(ruth, run_id, now)
    at_work.join()
    assert run_of(ruth, run_id).state == "done"
    assert state()[0] > 0


def test_one_cancelled_before_its_end_is_noticed_does_not_end(
    ruth: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if nobody looks in between, the end itself finds out."""
    monkeypatch.setattr("app.db.statements.cancellation.LOOK_EVERY", 60)
    nothing = state()
    run_id = queued(ruth)
    seal = before_image_queries.store_new_states

    def late(db: Session, *, run_id: int) -> None:
        seal(db, run_id=run_id)
        cancel(ruth, run_id, now)

    monkeypatch.setattr(before_image_queries, "store_new_states", late)
    assert do(run_id, now) == f"Import {run_id} was cancelled."
    assert (run_of(ruth, run_id).state, state()) == ("cancelled", nothing)


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        ("done", "It was in already; you can undo it."),
        ("failed", "It had stopped already"),
        ("cancelled", "It was cancelled already"),
        ("undone", "It was in already, and is undone."),
        ("preview", "has not begun"),
    ],
)
def test_what_has_ended_says_how(ruth: Actor, now: datetime, ended: str, sentence: str) -> None:
    with transaction_for_system() as db:
        run_id = make.import_run(db, ruth, state=ended)
    with pytest.raises(ConflictError, match=sentence):
        cancel(ruth, run_id, now)
    assert run_of(ruth, run_id).state == ended


def test_cancelling_twice_keeps_the_first_name(ruth: Actor, now: datetime) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN, name="Ada Stone")
    run_id = queued(ruth)
    cancel(ada, run_id, now)
    with pytest.raises(ConflictError, match="cancelled already"):
        cancel(ruth, run_id, now)
    assert run_of(ruth, run_id).canceller == "Ada Stone"
    with transaction_for_system() as db:
        lines = text("select actor_id, sentence from activity where action = 'import.cancelled'")
        assert db.execute(lines).all() == [(ada.user_id, "Cancelled the import of gifts.csv.")]


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (Role.FUNDRAISER, NotFoundError),
        (Role.SUPERVISOR, NotFoundError),
        (Role.FINANCE, NotFoundError),
        (Role.COACH, NotAllowedError),
        (Role.READ_ONLY, NotAllowedError),
    ],
)
def test_the_import_of_another_user_goes_on(
    ruth: Actor, now: datetime, role: Role, refused: type[NotFoundError] | type[NotAllowedError]
) -> None:
    run_id = queued(ruth)
    with transaction_for_system() as db:
        other = make.person(db, role=role)
    with pytest.raises(refused):
        cancel(other, run_id, now)
    assert run_of(ruth, run_id).state == "queued"


def test_a_killed_worker_leaves_one_that_can_be_cancelled(
    ruth: Actor, now: datetime, worker: Popen[str]
) -> None:
    run_id = queued(ruth)
    with transaction_for_system() as db:
        db.execute(text(SLOW["while it writes"]))
    present(worker.stdin).write(f"{run_id}\n")
    present(worker.stdin).flush()
    child = int(present(worker.stdout).readline())
    until(lambda: is_running(run_id))
    os.kill(child, signal.SIGKILL)
    assert int(present(worker.stdout).readline()) == -signal.SIGKILL
    cancel(ruth, run_id, now)
    assert run_of(ruth, run_id).state == "cancelled"
    assert do(run_id, now) == f"Import {run_id} was not waiting."


def test_nothing_stops_when_the_asking_fails(database: URL) -> None:
    def out_of_reach() -> bool:
        raise ConfigurationError

    with transaction_for_system() as db, stoppable(db, when=out_of_reach):
        assert db.scalar(text("select 1 from pg_sleep(1.2)")) == 1


def test_an_error_of_the_work_itself_stays_what_it_is(database: URL) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        transaction_for_system() as db,
        stoppable(db, when=lambda: True),
    ):
        raise ZeroDivisionError


def test_what_is_stopped_gives_back_a_connection_that_works(database: URL) -> None:
    for _ in range(3):
        with (
            pytest.raises(StoppedError),
            transaction_for_system() as db,
            stoppable(db, when=lambda: True),
        ):
            db.execute(text("select pg_sleep(30)"))
        with transaction_for_system() as db:
            assert db.scalar(text("select 7 from pg_sleep(0.3)")) == 7


def brought_in(ruth: Actor, now: datetime) -> int:
    run_id = queued(ruth)
    assert do(run_id, now) == f"Import {run_id} is done."
    return run_id


def undo_later(actor: Actor, run_id: int, now: datetime) -> None:
    with transaction_for_system() as db:
        imports.queue_undo(db, actor, run_id=run_id, now=now)


def test_the_worker_takes_a_big_one_back(ruth: Actor, now: datetime) -> None:
    nothing = state()
    run_id = brought_in(ruth, now)
    undo_later(ruth, run_id, now)
    with transaction_for_system() as db:
        # somebody had thanked for one meanwhile
        db.execute(text("update gift set thanked_at = now() where external_id = 'G7'"))
        name = db.scalar(
            text(
                "select d.name from gift g join donor d on d.id = g.donor_id"
                " where g.external_id = 'G7'"
            )
        )
    assert run_of(ruth, run_id).doing == "Waiting to be taken back"
    with process("worker"):
        until(lambda: run_of(ruth, run_id).state == "undone")
    run = run_of(ruth, run_id)
    assert run.kept_rows == 2
    assert [sentence.count(name) for sentence in run.kept] == [1, 1]
    assert state()[0] == nothing[0] + 1
    assert imports.undo_queued(run_id, now=now) is None


def test_an_undo_that_waits_is_cancelled(ruth: Actor, now: datetime) -> None:
    run_id = brought_in(ruth, now)
    before = state()
    undo_later(ruth, run_id, now)
    cancel(ruth, run_id, now)
    assert imports.undo_queued(run_id, now=now) is None
    assert (run_of(ruth, run_id).state, state()) == ("done", before)
    # and can be asked for again
    undo_later(ruth, run_id, now)
    assert imports.undo_queued(run_id, now=now) == f"Import {run_id} is undone."
    assert state()[0] == 0


def test_an_undo_that_runs_stops_soon_and_leaves_all(ruth: Actor, now: datetime) -> None:
    run_id = brought_in(ruth, now)
    before = state()
    with transaction_for_system() as db:
        db.execute(text(SLOW["while it writes"].replace("after insert", "after delete")))
    undo_later(ruth, run_id, now)
    messages: list[str | None] = []
    at_work = threading.Thread(
        target=lambda: messages.append(imports.undo_queued(run_id, now=now))
    )
    at_work.start()
    until(lambda: run_of(ruth, run_id).progress >= 20)
    cancel(ruth, run_id, now)
    at_work.join(SOON)
    assert messages == [f"The undo of import {run_id} was cancelled."]
    assert (run_of(ruth, run_id).state, state()) == ("done", before)


def test_one_that_is_being_taken_back_is_not_taken_back_twice(ruth: Actor, now: datetime) -> None:
    run_id = brought_in(ruth, now)
    undo_later(ruth, run_id, now)
    for again in (imports.undo, imports.queue_undo):
        with pytest.raises(ConflictError), transaction_for_system() as db:
            again(db, ruth, run_id=run_id, now=now)
    assert run_of(ruth, run_id).state == "undoing"


def test_an_undo_that_is_refused_leaves_the_import_and_says_why(
    ruth: Actor, now: datetime
) -> None:
    run_id = brought_in(ruth, now)
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN)
    undo_later(ada, run_id, now)
    with transaction_for_system() as db:
        db.execute(
            text("update app_user set role = 'fundraiser' where id = :id"), {"id": ada.user_id}
        )
    assert f"Import {run_id} was not undone" in str(imports.undo_queued(run_id, now=now))
    run = run_of(ruth, run_id)
    assert run.state == "done"
    assert run.error
