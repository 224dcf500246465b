"""The same task for many donors: rights, what is passed over, and the undo."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tasks
from app.accounts import Actor
from app.db.models import Activity, Task
from app.kit.errors import InvalidError, NotAllowedError
from tests import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth")


def test_each_donor_gets_a_task_and_undo_takes_them_away(db: Session, ruth: Actor) -> None:
    ids = [make.donor(db, ruth) for _ in range(3)]
    created = tasks.create_for_donors(
        db,
        ruth,
        donor_ids=[*ids, ids[0]],
        title=" Call  the fair ",
        due_on=TODAY,
        priority=1,
    )
    rows = db.scalars(select(Task).order_by(Task.id)).all()
    assert [row.donor_id for row in rows] == ids
    assert tuple(row.id for row in rows) == created
    for row in rows:
        assert (row.title, row.type, row.due_on, row.priority) == (
            "Call the fair",
            "call",
            TODAY,
            1,
        )
        assert (row.assignee_id, row.created_by, row.version) == (ruth.user_id, ruth.user_id, 1)
    assert tasks.remove_created(db, ruth, task_ids=created) == 3
    assert tasks.remove_created(db, ruth, task_ids=created) == 0
    assert db.scalars(select(Task.id)).all() == []
    sentences = select(Activity.sentence).where(Activity.entity == "task").order_by(Activity.id)
    assert db.scalars(sentences).all() == ["Created 3 tasks.", "Deleted 3 tasks."]


def test_donors_of_others_get_none(db: Session, ruth: Actor) -> None:
    other = make.person(db)
    mine, theirs = make.donor(db, ruth), make.donor(db, other)
    (created,) = tasks.create_for_donors(db, ruth, donor_ids=[mine, theirs, 99_999], title="Call")
    assert db.scalar(select(Task.donor_id).where(Task.id == created)) == mine
    with pytest.raises(NotAllowedError, match="none of these donors"):
        tasks.create_for_donors(db, ruth, donor_ids=[theirs], title="Call")
    assert tasks.create_for_donors(db, ruth, donor_ids=[], title="Call") == ()
    # nobody undoes what somebody else has created
    assert tasks.remove_created(db, other, task_ids=[created]) == 0


def test_a_task_that_was_done_or_changed_since_stays(db: Session, ruth: Actor) -> None:
    ids = [make.donor(db, ruth) for _ in range(3)]
    created = tasks.create_for_donors(db, ruth, donor_ids=ids, title="Call", due_on=TODAY)
    tasks.finish(db, ruth, task_id=created[0], now=datetime(2026, 11, 23, 9, tzinfo=UTC))
    tasks.move(db, ruth, task_ids=[created[1]], to=date(2026, 12, 1), today=TODAY)
    assert tasks.remove_created(db, ruth, task_ids=created) == 1
    assert set(db.scalars(select(Task.id))) == set(created[:2])


@pytest.mark.parametrize(
    "values", [{"title": " "}, {"type": "sing"}, {"priority": 4}, {"due_on": date(1, 1, 1)}]
)
def test_a_wrong_task_is_refused_for_all(
    db: Session, ruth: Actor, values: dict[str, object]
) -> None:
    donor = make.donor(db, ruth)
    with pytest.raises(InvalidError):
        tasks.create_for_donors(db, ruth, donor_ids=[donor], **{"title": "Call"} | values)  # type: ignore[arg-type]
    with pytest.raises(InvalidError, match="At most 5,000 donors"):
        tasks.create_for_donors(db, ruth, donor_ids=range(5_001), title="Call")
    assert db.scalars(select(Task.id)).all() == []
