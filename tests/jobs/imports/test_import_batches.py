"""Several files of one import in the worker: done, cancelled, refused and undone together."""

import threading
import time
from datetime import datetime

import pytest
from sqlalchemy import URL, text

from app import imports
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from jobs.tasks import imports as task
from tests import factories as make
from tests.conftest import TODAY
from tests.jobs.imports.test_import_cancel import SLOW, SOON, cancel, is_running
from tests.jobs.imports.test_import_kills import no_connection_is_left, state
from tests.jobs.imports.test_import_mail import sent_messages
from tests.jobs.test_processes import until

FILES = {
    "gifts.csv": "Donor id,Gift id,Amount,Date\n1,G1,5.00,2026-01-05\n2,G2,6.00,2026-01-06\n",
    "people.csv": "Donor id,Name\n1,Ann Lee\n2,Bo Lee\n",
}
RUNNING = "update import_run set state = 'running' where id = :id"


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane")


def queued(ruth: Actor, now: datetime) -> list[int]:
    """Queue both files and return their runs."""
    requests = [imports.ImportRequest(name, data.encode()) for name, data in FILES.items()]
    with transaction_for_system() as db:
        batch = imports.preview_together(db, ruth, requests, today=TODAY, now=now)
        assert batch.batch_id is not None
        imports.queue_together(db, ruth, batch_id=batch.batch_id, plan_hashes=batch.plan_hashes)
    return [preview.run_id for preview in batch.previews]


def runs(ruth: Actor) -> list[imports.Run]:
    with transaction(ruth) as db:
        return sorted(imports.history(db, ruth), key=lambda run: run.id)


def states(ruth: Actor) -> list[str]:
    return [run.state for run in runs(ruth)]


def test_it_is_done_at_once_and_told_by_one_mail(ruth: Actor, now: datetime) -> None:
    first, second = queued(ruth, now)
    message = task.run(now)
    assert f"Import {first} is done." in message
    assert states(ruth) == ["done", "done"]
    assert {run.batch_id for run in runs(ruth)} == {first}
    (mail,) = sent_messages()
    assert mail.subject == "Your import of people.csv and gifts.csv has finished"
    assert "2 new donors" in mail.text_body
    assert "2 new gifts" in mail.text_body
    # a retry finds nothing to do
    for run_id in (first, second):
        assert imports.run_queued(run_id, today=TODAY, now=now).endswith("was not waiting.")


def test_a_worker_that_died_is_followed_by_the_next(ruth: Actor, now: datetime) -> None:
    first, second = queued(ruth, now)
    with transaction_for_system() as db:
        db.execute(text(RUNNING), {"id": first})
    assert imports.run_queued(second, today=TODAY, now=now) == f"Import {second} is done."
    assert states(ruth) == ["done", "done"]


@pytest.mark.parametrize("cancelled", [0, 1])
def test_it_is_cancelled_while_the_last_file_is_written(
    ruth: Actor, now: datetime, cancelled: int
) -> None:
    nothing = state()
    run_ids = queued(ruth, now)
    with transaction_for_system() as db:
        db.execute(text(SLOW["while it writes"]))
    messages: list[str] = []
    at_work = threading.Thread(
        target=lambda: messages.append(imports.run_queued(run_ids[0], today=TODAY, now=now))
    )
    at_work.start()
    # the first file is written, the second is being written
    until(lambda: is_running(run_ids[0]) and "gifts.csv: Writing" in str(runs(ruth)[0].doing))
    began = time.monotonic()
    cancel(ruth, run_ids[cancelled], now)
    at_work.join(SOON)
    assert time.monotonic() - began < SOON
    assert messages == [f"Import {run_ids[0]} was cancelled."]
    until(no_connection_is_left)
    assert (states(ruth), state()) == (["cancelled", "cancelled"], nothing)


def test_what_fails_fails_for_all_with_the_reason(ruth: Actor, now: datetime) -> None:
    nothing = state()
    (first, _) = queued(ruth, now)
    with transaction_for_system() as db:
        donor = make.donor(db, ruth, "Somebody")
        db.execute(
            text(
                "insert into donor_external_id (donor_id, source, external_id)"
                " values (:d, 'file', '2')"
            ),
            {"d": donor},
        )
    somebody = state()
    assert somebody != nothing
    message = imports.run_queued(first, today=TODAY, now=now)
    assert "The data changed since you looked" in message
    assert states(ruth) == ["failed", "failed"]
    assert state() == somebody
    (mail,) = sent_messages()
    assert mail.subject == "Your import of people.csv and gifts.csv did not go in"


def queue_undo(ruth: Actor, batch_id: int, now: datetime) -> None:
    with transaction(ruth) as db:
        imports.queue_undo_together(db, ruth, batch_id=batch_id, now=now)
    assert states(ruth) == ["undoing", "undoing"]


def test_its_undo_waits_is_cancelled_and_done(ruth: Actor, now: datetime) -> None:
    nothing = state()
    first, second = queued(ruth, now)
    imports.run_queued(first, today=TODAY, now=now)
    done = state()
    queue_undo(ruth, first, now)
    cancel(ruth, second, now)
    assert (states(ruth), state()) == (["done", "done"], done)
    queue_undo(ruth, first, now)
    assert imports.undo_queued(first, now=now) == f"Import {first} is undone."
    assert states(ruth) == ["undone", "undone"]
    assert state() == nothing
    assert imports.undo_queued(second, now=now) is None
