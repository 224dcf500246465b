"""Tasks: create, finish, reopen; visibility."""

from datetime import UTC, date, datetime, time
from typing import Required, TypedDict

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tasks
from app.accounts import Actor
from app.db.models import Activity
from app.kit.errors import InvalidError, NotFoundError
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth Adler")


@pytest.fixture
def mara(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Mara Vogel")


def titles(rows: list[tasks.TaskLine]) -> list[str]:
    return [task.title for task in rows]


def test_due_tasks_are_sorted_by_priority(db: Session, ruth: Actor, mara: int) -> None:
    for title, day, priority in (
        ("Later", date(2026, 11, 24), 1),
        ("Old", date(2026, 11, 20), 2),
        ("Today", TODAY, 2),
        ("Pressing", TODAY, 1),
    ):
        tasks.create(db, ruth, title=title, due_on=day, donor_id=mara, priority=priority)

    assert titles(tasks.due(db, ruth, today=TODAY)) == ["Pressing", "Old", "Today"]


def test_finish_is_idempotent_and_can_be_undone(db: Session, ruth: Actor, mara: int) -> None:
    task = tasks.create(db, ruth, title="  Call   Mara ", donor_id=mara, due_on=TODAY)

    tasks.finish(db, ruth, task_id=task, now=NOW)
    tasks.finish(db, ruth, task_id=task, now=NOW)
    assert tasks.due(db, ruth, today=TODAY) == []
    (line,) = tasks.for_donor(db, ruth, donor_id=mara)
    assert (line.title, line.done_at) == ("Call Mara", NOW)

    tasks.reopen(db, ruth, task_id=task)
    assert titles(tasks.due(db, ruth, today=TODAY)) == ["Call Mara"]
    actions = db.scalars(select(Activity.action).order_by(Activity.id)).all()
    assert actions[0] == "task.created"
    assert actions[-1] == "task.reopened"


def test_a_task_may_have_a_time_of_its_day(db: Session, ruth: Actor, mara: int) -> None:
    for at in (time(14, 30, 59), None, time(9)):
        tasks.create(db, ruth, title=f"Meet {at}", donor_id=mara, due_on=TODAY, due_at=at)
    lines = tasks.for_donor(db, ruth, donor_id=mara)
    assert [line.due_at for line in lines] == [time(9), time(14, 30), None]
    with pytest.raises(InvalidError, match="A time needs a day"):
        tasks.create(db, ruth, title="Meet", due_at=time(9))


class TaskValues(TypedDict, total=False):
    """What a test says of a task."""

    title: Required[str]
    type: str


@pytest.mark.parametrize(
    "values", [{"title": " "}, {"title": "Call", "type": "fly"}], ids=["no title", "no such type"]
)
def test_a_task_needs_a_title_and_a_known_type(
    db: Session, ruth: Actor, values: TaskValues
) -> None:
    with pytest.raises(InvalidError):
        tasks.create(db, ruth, **values)


def test_other_users_cannot_see_or_change_a_task(db: Session, ruth: Actor, mara: int) -> None:
    task = tasks.create(db, ruth, title="Call", donor_id=mara, due_on=TODAY)
    stranger = make.person(db)

    assert tasks.due(db, stranger, today=TODAY) == []
    assert tasks.for_donor(db, stranger, donor_id=mara) == []
    with pytest.raises(NotFoundError):
        tasks.finish(db, stranger, task_id=task, now=NOW)
    with pytest.raises(NotFoundError):
        tasks.create(db, stranger, title="Call", donor_id=mara)


def test_a_supervisor_can_read_but_not_finish(db: Session, ruth: Actor, mara: int) -> None:
    task = tasks.create(db, ruth, title="Call", donor_id=mara, due_on=TODAY)
    grace = make.person(db, "supervisor")
    make.looks_after(db, grace, ruth)

    assert titles(tasks.for_donor(db, grace, donor_id=mara)) == ["Call"]
    with pytest.raises(NotFoundError):
        tasks.finish(db, grace, task_id=task, now=NOW)
