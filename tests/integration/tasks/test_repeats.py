"""Tasks that repeat: the next one in the same transaction, and its undo."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tasks
from app.accounts import Actor
from app.db.models import Task
from app.kit.errors import InvalidError
from tests import factories as make

JANUARY = date(2027, 1, 31)
FEBRUARY = date(2027, 2, 28)
MARCH = date(2027, 3, 31)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth Adler")


@pytest.fixture
def mara(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Mara Vogel")


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def open_days(db: Session, actor: Actor) -> list[date | None]:
    page = tasks.page(db, actor, today=JANUARY, week_end=JANUARY)
    return [line.due_on for line in page.lines if line.done_at is None]


def newest(db: Session) -> int:
    return db.scalars(select(Task.id).order_by(Task.id.desc())).first() or 0


def monthly(db: Session, actor: Actor, **values: object) -> int:
    return tasks.create(db, actor, title="Report", due_on=JANUARY, repeats="monthly", **values)  # type: ignore[arg-type]


def test_the_end_of_each_month_follows(db: Session, ruth: Actor, mara: int) -> None:
    monthly(db, ruth, donor_id=mara, due_at=time(9), note="All of it", priority=1, type="write")
    for day, following in ((JANUARY, FEBRUARY), (FEBRUARY, MARCH)):
        tasks.finish(db, ruth, task_id=newest(db), now=at(day))
        assert open_days(db, ruth) == [following]
    line = tasks.get(db, ruth, task_id=newest(db))
    assert (line.title, line.type, line.note, line.priority) == (
        "Report",
        "write",
        "All of it",
        1,
    )
    assert (line.due_at, line.donor_id, line.repeats) == (time(9), mara, "monthly")


def test_a_task_that_is_done_late_is_not_followed_by_a_late_one(db: Session, ruth: Actor) -> None:
    task = monthly(db, ruth)
    tasks.finish(db, ruth, task_id=task, now=at(date(2027, 5, 2)))
    assert open_days(db, ruth) == [date(2027, 5, 31)]


def test_a_task_that_is_done_early_is_not_followed_by_itself(db: Session, ruth: Actor) -> None:
    task = monthly(db, ruth)
    tasks.finish(db, ruth, task_id=task, now=at(date(2027, 1, 3)))
    assert open_days(db, ruth) == [FEBRUARY]


def test_a_snooze_does_not_shift_the_steps(db: Session, ruth: Actor) -> None:
    task = monthly(db, ruth)
    tasks.move(db, ruth, task_ids=[task], to=date(2027, 2, 4), today=JANUARY)
    tasks.finish(db, ruth, task_id=task, now=at(date(2027, 2, 4)))
    assert open_days(db, ruth) == [FEBRUARY]


def test_an_undo_takes_the_next_one_away(db: Session, ruth: Actor) -> None:
    ids = [monthly(db, ruth), monthly(db, ruth), tasks.create(db, ruth, title="Once")]
    tasks.finish_many(db, ruth, task_ids=ids, now=at(JANUARY))
    assert open_days(db, ruth) == [FEBRUARY, FEBRUARY]
    tasks.reopen_many(db, ruth, task_ids=ids)
    assert open_days(db, ruth) == [JANUARY, JANUARY, None]


def test_a_next_one_that_was_changed_stays_and_comes_once(db: Session, ruth: Actor) -> None:
    task = monthly(db, ruth)
    tasks.finish(db, ruth, task_id=task, now=at(JANUARY))
    tasks.move(db, ruth, task_ids=[newest(db)], to=MARCH, today=JANUARY)
    tasks.reopen(db, ruth, task_id=task)
    assert open_days(db, ruth) == [JANUARY, MARCH]
    tasks.finish(db, ruth, task_id=task, now=at(JANUARY))
    assert open_days(db, ruth) == [MARCH]


def test_done_twice_is_followed_once(db: Session, ruth: Actor) -> None:
    task = monthly(db, ruth)
    for _ in range(2):
        tasks.finish(db, ruth, task_id=task, now=at(JANUARY))
    assert open_days(db, ruth) == [FEBRUARY]


def test_another_day_is_counted_from_then_on(db: Session, ruth: Actor) -> None:
    task = monthly(db, ruth)
    change: dict[str, Any] = {
        "type": "call",
        "due_at": None,
        "priority": 2,
        "note": None,
        "repeats": "monthly",
    }
    tasks.move(db, ruth, task_ids=[task], to=date(2027, 2, 4), today=JANUARY)
    tasks.change(
        db, ruth, task_id=task, version=2, title="Plan", due_on=date(2027, 2, 4), **change
    )
    assert db.scalar(select(Task.repeats_from)) == JANUARY, "the title alone shifts nothing"
    tasks.change(
        db, ruth, task_id=task, version=3, title="Plan", due_on=date(2027, 2, 10), **change
    )
    tasks.finish(db, ruth, task_id=task, now=at(date(2027, 2, 10)))
    assert open_days(db, ruth) == [date(2027, 3, 10)]
    last = newest(db)
    tasks.change(
        db,
        ruth,
        task_id=last,
        version=1,
        title="Plan",
        due_on=MARCH,
        **change | {"repeats": None},
    )
    tasks.finish(db, ruth, task_id=last, now=at(MARCH))
    assert open_days(db, ruth) == []


def test_the_letter_after_a_call_goes_when_the_call_is_open_again(
    db: Session, ruth: Actor, mara: int
) -> None:
    call = make.task(db, ruth, "Call", donor_id=mara, alert_id=make.alert(db, mara))
    tasks.finish(db, ruth, task_id=call, now=at(JANUARY))
    assert len(tasks.for_donor(db, ruth, donor_id=mara)) == 2
    tasks.reopen(db, ruth, task_id=call)
    assert [line.task_id for line in tasks.for_donor(db, ruth, donor_id=mara)] == [call]


def test_a_deleted_task_that_repeats_goes_on_when_it_is_back(db: Session, ruth: Actor) -> None:
    task = monthly(db, ruth)
    tasks.finish(db, ruth, task_id=task, now=at(JANUARY))
    removed = tasks.remove(db, ruth, task_id=newest(db), version=1)
    again = tasks.restore(db, ruth, removed=removed)
    tasks.finish(db, ruth, task_id=again, now=at(FEBRUARY))
    assert open_days(db, ruth) == [MARCH]


@pytest.mark.parametrize(
    "values", [{"repeats": "hourly", "due_on": JANUARY}, {"repeats": "weekly"}]
)
def test_what_cannot_repeat_is_refused(
    db: Session, ruth: Actor, values: dict[str, object]
) -> None:
    with pytest.raises(InvalidError, match="repeats"):
        tasks.create(db, ruth, title="Report", **values)  # type: ignore[arg-type]
