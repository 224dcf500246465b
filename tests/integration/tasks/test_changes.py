"""Edit, delete, move and finish tasks, one or several at once, and undo each."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app import tasks
from app.accounts import Actor
from app.db.models import Activity, Task
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from tests import factories as make

TODAY = date(2026, 11, 25)
LATER = TODAY + timedelta(days=5)
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth Adler")


@pytest.fixture
def mara(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Mara Vogel")


def save(db: Session, actor: Actor, task_id: int, version: int, **values: object) -> None:
    """Change a task as the dialog does: all of its values are sent."""
    sent = {
        "title": "Call",
        "type": "call",
        "due_on": TODAY,
        "due_at": None,
        "priority": 2,
        "note": None,
        "repeats": None,
    } | values
    tasks.change(db, actor, task_id=task_id, version=version, **sent)  # type: ignore[arg-type]


def days(db: Session, *task_ids: int) -> list[date | None]:
    rows = db.execute(select(Task.id, Task.due_on).where(Task.id.in_(task_ids)))
    found = {row[0]: row[1] for row in rows}
    return [found[task_id] for task_id in task_ids]


def events(db: Session) -> list[tuple[str, str]]:
    rows = db.execute(
        select(Activity.action, Activity.sentence)
        .where(Activity.entity == "task")
        .order_by(Activity.id)
    )
    return [(action, sentence) for action, sentence in rows]


def test_a_task_is_changed_and_the_change_recorded(db: Session, ruth: Actor, mara: int) -> None:
    task = make.task(db, ruth, "Call", donor_id=mara, due_on=TODAY)
    save(
        db,
        ruth,
        task,
        1,
        title=" Meet  Mara ",
        type="meet",
        due_on=LATER,
        due_at=time(14, 30, 5),
        priority=1,
        note="Coffee",
    )
    line = tasks.get(db, ruth, task_id=task)
    assert (line.title, line.type, line.due_on, line.due_at) == (
        "Meet Mara",
        "meet",
        LATER,
        time(14, 30),
    )
    assert (line.priority, line.note, line.version, line.donor_id) == (1, "Coffee", 2, mara)
    assert events(db) == [("task.changed", "Changed the task: Meet Mara.")]


def test_a_change_that_was_overtaken_is_refused(db: Session, ruth: Actor) -> None:
    task = make.task(db, ruth, "Call")
    save(db, ruth, task, 1, title="First")
    with pytest.raises(ConflictError, match="changed in the meantime"):
        save(db, ruth, task, 1, title="Second")
    assert tasks.get(db, ruth, task_id=task).title == "First"
    with pytest.raises(ConflictError):
        tasks.remove(db, ruth, task_id=task, version=1)


@pytest.mark.parametrize(
    "values",
    [
        {"title": " "},
        {"type": "fly"},
        {"due_on": None, "due_at": time(9)},
        {"due_on": date(26, 1, 1)},
        {"priority": 4},
        {"repeats": "hourly"},
        {"repeats": "weekly", "due_on": None},
    ],
    ids=str,
)
def test_a_change_is_checked_as_a_new_task_is(
    db: Session, ruth: Actor, values: dict[str, object]
) -> None:
    task = make.task(db, ruth, "Call")
    with pytest.raises(InvalidError):
        save(db, ruth, task, 1, **values)
    assert tasks.get(db, ruth, task_id=task).version == 1


def test_a_deleted_task_comes_back_as_it_was(db: Session, ruth: Actor, mara: int) -> None:
    alert = make.alert(db, mara)
    task = make.task(
        db,
        ruth,
        "Call",
        donor_id=mara,
        due_on=TODAY,
        due_at=time(9),
        note="Kindly",
        priority=1,
        alert_id=alert,
        import_source="other",
        external_id="7",
        created_by=ruth.user_id,
    )
    before = db.execute(select(Task.__table__).where(Task.id == task)).mappings().one()
    removed = tasks.remove(db, ruth, task_id=task, version=1)
    assert tasks.for_donor(db, ruth, donor_id=mara) == []
    again = tasks.restore(db, ruth, removed=removed)
    after = db.execute(select(Task.__table__).where(Task.id == again)).mappings().one()
    new = {"id", "created_at", "updated_at"}
    assert {key: after[key] for key in after if key not in new} == {
        key: before[key] for key in before if key not in new
    }
    assert [action for action, _ in events(db)] == ["task.deleted", "task.restored"]
    with pytest.raises(ConflictError, match="import"):
        tasks.restore(db, ruth, removed=removed)


def test_a_task_of_a_donor_who_went_to_another_does_not_come_back(
    db: Session, ruth: Actor
) -> None:
    donor = make.donor(db, ruth, "Ivy")
    task = make.task(db, ruth, "Call", donor_id=donor)
    removed = tasks.remove(db, ruth, task_id=task, version=1)
    with pytest.raises(NotFoundError):
        tasks.restore(db, make.person(db), removed=removed)


def test_several_tasks_are_moved_and_moved_back(db: Session, ruth: Actor, mara: int) -> None:
    one = make.task(db, ruth, "One", due_on=TODAY, donor_id=mara, due_at=time(9))
    two = make.task(db, ruth, "Two")
    there = make.task(db, ruth, "There", due_on=LATER)
    done = make.task(db, ruth, "Done", due_on=TODAY, done_at=NOW)
    moved = tasks.move(db, ruth, task_ids=[one, two, there, done], to=LATER, today=TODAY)
    assert {task.task_id for task in moved} == {one, two}
    assert days(db, one, two, there, done) == [LATER, LATER, LATER, TODAY]
    assert tasks.get(db, ruth, task_id=one).due_at == time(9), "the time stays"
    assert events(db) == [("task.moved", "Moved 2 tasks.")]

    save(db, ruth, two, 2, due_on=date(2027, 1, 1))
    assert tasks.move_back(db, ruth, moved=moved) == 1
    assert days(db, one, two) == [TODAY, date(2027, 1, 1)], "what was saved since stays"
    assert tasks.move_back(db, ruth, moved=moved) == 0, "an undo works once"


def test_a_task_without_a_day_gets_none_again(db: Session, ruth: Actor) -> None:
    task = make.task(db, ruth, "Some day")
    moved = tasks.move(db, ruth, task_ids=[task], to=TODAY, today=TODAY)
    assert days(db, task) == [TODAY]
    tasks.move_back(db, ruth, moved=moved)
    assert days(db, task) == [None]


def test_nothing_is_moved_into_the_past(db: Session, ruth: Actor) -> None:
    task = make.task(db, ruth, "Call", due_on=TODAY)
    with pytest.raises(InvalidError, match="in the past"):
        tasks.move(db, ruth, task_ids=[task], to=TODAY - timedelta(days=1), today=TODAY)


def test_several_tasks_are_finished_and_opened_again(db: Session, ruth: Actor, mara: int) -> None:
    ids = [make.task(db, ruth, f"Call {at}", donor_id=mara) for at in range(3)]
    tasks.finish(db, ruth, task_id=ids[0], now=NOW)
    finished = tasks.finish_many(db, ruth, task_ids=ids, now=NOW)
    assert set(finished) == set(ids[1:]), "what is done already is not undone with the others"
    assert set(tasks.reopen_many(db, ruth, task_ids=finished)) == set(ids[1:])
    assert [action for action, _ in events(db)] == [
        "task.finished",
        "task.finished",
        "task.reopened",
    ]
    assert events(db)[1][1] == "Finished 2 tasks."


def test_calls_of_one_alert_are_followed_by_one_letter(
    db: Session, ruth: Actor, mara: int
) -> None:
    alert = make.alert(db, mara)
    ids = [make.task(db, ruth, "Call", donor_id=mara, alert_id=alert) for _ in range(2)]
    tasks.finish_many(db, ruth, task_ids=ids, now=NOW)
    lines = tasks.for_donor(db, ruth, donor_id=mara)
    assert [line.type for line in lines if line.done_at is None] == ["write"]


def test_any_number_of_tasks_takes_as_many_statements_as_two(db: Session, ruth: Actor) -> None:
    def statements(number: int) -> list[int]:
        ids = [make.task(db, ruth, f"Call {at}") for at in range(number)]
        db.flush()
        counts: list[int] = []
        sent: list[str] = []

        def count(*arguments: object) -> None:
            sent.append(str(arguments[2]))

        event.listen(db.get_bind(), "before_cursor_execute", count)
        try:
            moved = tasks.move(db, ruth, task_ids=ids, to=LATER, today=TODAY)
            counts.append(len(sent))
            tasks.move_back(db, ruth, moved=moved)
            counts.append(len(sent))
            tasks.finish_many(db, ruth, task_ids=ids, now=NOW)
            counts.append(len(sent))
            tasks.reopen_many(db, ruth, task_ids=ids)
            counts.append(len(sent))
        finally:
            event.remove(db.get_bind(), "before_cursor_execute", count)
        return counts

    assert statements(2) == statements(20)


def test_nobody_else_changes_a_task(db: Session, ruth: Actor, mara: int) -> None:
    task = make.task(db, ruth, "Call", donor_id=mara, due_on=TODAY)
    coach, admin = make.person(db, "coach"), make.person(db, "admin")
    make.looks_after(db, coach, ruth)
    for other in (coach, admin, make.person(db)):
        with pytest.raises(NotFoundError):
            save(db, other, task, 1)
        with pytest.raises(NotFoundError):
            tasks.remove(db, other, task_id=task, version=1)
        with pytest.raises(NotFoundError):
            tasks.move(db, other, task_ids=[task], to=LATER, today=TODAY)
        moved = tasks.MovedTask(task, LATER, 1)
        assert tasks.move_back(db, other, moved=[moved]) == 0
    for other in (coach, make.person(db)):
        with pytest.raises(NotFoundError):
            tasks.finish_many(db, other, task_ids=[task], now=NOW)
    own = make.task(db, coach, "Dentist")
    assert tasks.finish_many(db, coach, task_ids=[task, own], now=NOW) == (own,)
    assert tasks.get(db, ruth, task_id=task).version == 1
