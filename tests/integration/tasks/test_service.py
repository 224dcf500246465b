"""Tasks: made, done, taken back; seen by whom they concern."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app import tasks
from app.db.models import Activity
from app.kit.errors import InvalidError, NotFoundError
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def ruth(db):
    make.organisation(db)
    return make.person(db, name="Ruth Adler")


@pytest.fixture
def mara(db, ruth):
    return make.donor(db, ruth, "Mara Vogel")


def titles(found):
    return [one.title for one in found]


def test_a_task_is_due_from_its_day_on_the_pressing_first(db, ruth, mara):
    for title, day, priority in (
        ("Later", date(2026, 11, 24), 1),
        ("Old", date(2026, 11, 20), 2),
        ("Today", TODAY, 2),
        ("Pressing", TODAY, 1),
    ):
        tasks.create(db, ruth, title=title, due_on=day, donor_id=mara, priority=priority)

    assert titles(tasks.due(db, ruth, today=TODAY)) == ["Pressing", "Old", "Today"]


def test_done_twice_is_done_once_and_can_be_taken_back(db, ruth, mara):
    task = tasks.create(db, ruth, title="  Call   Mara ", donor_id=mara, due_on=TODAY)

    tasks.finish(db, ruth, task_id=task, now=NOW)
    tasks.finish(db, ruth, task_id=task, now=NOW)
    assert tasks.due(db, ruth, today=TODAY) == []
    (line,) = tasks.for_donor(db, ruth, donor_id=mara)
    assert (line.title, line.done_at) == ("Call Mara", NOW)

    tasks.reopen(db, ruth, task_id=task)
    assert titles(tasks.due(db, ruth, today=TODAY)) == ["Call Mara"]
    said = db.scalars(select(Activity.action).order_by(Activity.id)).all()
    assert said[0] == "task.created"
    assert said[-1] == "task.reopened"


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"title": "Call", "type": "fly"}], ids=["no words", "no such type"]
)
def test_a_task_needs_words_and_a_known_type(db, ruth, wrong):
    with pytest.raises(InvalidError):
        tasks.create(db, ruth, **wrong)


def test_a_stranger_sees_and_changes_nothing(db, ruth, mara):
    task = tasks.create(db, ruth, title="Call", donor_id=mara, due_on=TODAY)
    stranger = make.person(db)

    assert tasks.due(db, stranger, today=TODAY) == []
    assert tasks.for_donor(db, stranger, donor_id=mara) == []
    with pytest.raises(NotFoundError):
        tasks.finish(db, stranger, task_id=task, now=NOW)
    with pytest.raises(NotFoundError):
        tasks.create(db, stranger, title="Call", donor_id=mara)


def test_a_supervisor_reads_but_does_not_finish(db, ruth, mara):
    task = tasks.create(db, ruth, title="Call", donor_id=mara, due_on=TODAY)
    grace = make.person(db, "supervisor")
    make.looks_after(db, grace, ruth)

    assert titles(tasks.for_donor(db, grace, donor_id=mara)) == ["Call"]
    with pytest.raises(NotFoundError):
        tasks.finish(db, grace, task_id=task, now=NOW)
