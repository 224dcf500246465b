"""Queueing work is part of its cause's transaction."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import transaction_for_system
from app.db.queue import defer


def waiting(db: Session) -> list[tuple[object, ...]]:
    rows = db.execute(
        text(
            "select task_name, args, lock, priority, scheduled_at"
            " from procrastinate_jobs order by id"
        )
    ).all()
    return [tuple(row) for row in rows]


def test_a_task_is_queued_with_all_it_needs(db: Session) -> None:
    moment = datetime(2026, 11, 24, 6, tzinfo=UTC)

    number = defer(db, "imports", {"run_id": 7}, lock="imports", priority=3, schedule_at=moment)

    assert number is not None
    assert waiting(db) == [("imports", {"run_id": 7}, "imports", 3, moment)]


def test_a_waiting_lock_is_not_queued_twice_and_the_transaction_lives_on(db: Session) -> None:
    assert defer(db, "imports", {"run_id": 7}, queueing_lock="imports:7") is not None
    assert defer(db, "imports", {"run_id": 7}, queueing_lock="imports:7") is None
    assert defer(db, "imports", {"run_id": 8}, queueing_lock="imports:8") is not None

    assert len(waiting(db)) == 2


def test_any_other_refusal_of_the_database_is_not_swallowed(db: Session) -> None:
    db.execute(text("alter table procrastinate_jobs add constraint no check (priority < 9)"))

    with pytest.raises(IntegrityError):
        defer(db, "imports", {}, priority=10)


class SavingFailedError(Exception):
    pass


def save_and_fail() -> None:
    with transaction_for_system() as db:
        defer(db, "imports", {"run_id": 7})
        raise SavingFailedError


def test_work_vanishes_with_its_cause(database: URL) -> None:
    with pytest.raises(SavingFailedError):
        save_and_fail()

    with transaction_for_system() as db:
        assert waiting(db) == []
