"""SQL that changes tasks: one statement for any number of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_pass
from sqlalchemy.orm import aliased

from app.accounts import Actor, editable_donors, visible_donors
from app.db import Session
from app.db.models import Alert, Donor, Task
from app.tasks.queries.listing import own
from app.tasks.results import MovedTask, RemovedTask

# what the next task of one that repeats has of it
REPEATED = (
    "type",
    "title",
    "note",
    "priority",
    "due_at",
    "donor_id",
    "assignee_id",
    "created_by",
    "repeats",
    "repeats_from",
)
# id, donor and title
Changed = Row[int, int | None, str]
# these, how often the task repeats, from which day, and its own day
Finished = Row[int, int | None, str, str | None, date | None, date | None]


def may_edit(db: Session, actor: Actor, *, donor_id: int) -> bool:
    """Return whether the actor may edit this donor."""
    statement = select(Donor.id).where(Donor.id == donor_id, editable_donors(actor))
    return db.scalar(statement) is not None


def may_see(db: Session, actor: Actor, *, donor_id: int) -> bool:
    """Return whether the actor sees this donor."""
    statement = select(Donor.id).where(Donor.id == donor_id, visible_donors(actor))
    return db.scalar(statement) is not None


def add(db: Session, **values: object) -> int:
    """Insert a task and return its id."""
    return db.execute(insert(Task).values(**values).returning(Task.id)).scalar_one()


def add_for_donors(
    db: Session, actor: Actor, donor_ids: Collection[int], **values: object
) -> Sequence[Changed]:
    """Insert a task of the actor about each of the donors that the actor may change."""
    columns = {"assignee_id": actor.user_id, "created_by": actor.user_id} | values
    ids = literal(sorted(donor_ids), ARRAY(BigInteger))
    types = Task.__table__.columns
    rows = select(
        Donor.id, *(literal(value, types[name].type) for name, value in columns.items())
    ).where(Donor.id == func.any(ids), editable_donors(actor))
    inserted = insert(Task).from_select(["donor_id", *columns], rows.order_by(Donor.id))
    return db.execute(inserted.returning(Task.id, Task.donor_id, Task.title)).all()


def remove_unchanged(db: Session, actor: Actor, task_ids: Collection[int]) -> Sequence[Changed]:
    """Delete those of the tasks that the actor created for donors and nobody changed since."""
    ids = literal(sorted(task_ids), ARRAY(BigInteger))
    return db.execute(
        delete(Task)
        .where(
            Task.id == func.any(ids),
            Task.created_by == actor.user_id,
            Task.assignee_id == actor.user_id,
            Task.donor_id.is_not(None),
            Task.alert_id.is_(None),
            Task.done_at.is_(None),
            Task.version == 1,
        )
        .returning(Task.id, Task.donor_id, Task.title)
        .execution_options(synchronize_session=False)
    ).all()


def finish(
    db: Session, actor: Actor, *, task_ids: Collection[int], now: datetime
) -> Sequence[Finished]:
    """Mark open tasks as done; pass over those that are done or that the actor may not change."""
    return db.execute(
        update(Task)
        .where(Task.id.in_(task_ids), Task.done_at.is_(None), _changeable(actor))
        .values(
            done_at=now, done_by=actor.user_id, version=Task.version + 1, updated_at=func.now()
        )
        .returning(
            Task.id, Task.donor_id, Task.title, Task.repeats, Task.repeats_from, Task.due_on
        )
        .execution_options(synchronize_session=False)
    ).all()


def add_following(db: Session, days: Mapping[int, date]) -> int:
    """Insert the next task of each that repeats, by id → day, and return how many.

    A task that has one already, because it was reopened and the next one was changed, gets none.
    """
    if not days:
        return 0
    columns = column("id", BigInteger), column("due_on", Date)
    following = (
        func.unnest(cast(list(days), ARRAY(BigInteger)), cast(list(days.values()), ARRAY(Date)))
        .table_valued(*columns, name="following")
        .render_derived()
    )
    later = aliased(Task)
    as_before = [getattr(Task, name) for name in REPEATED]
    rows = (
        select(*as_before, following.c.due_on, Task.id)
        .join(following, following.c.id == Task.id)
        .where(~exists().where(later.follows_id == Task.id, later.repeats.is_not(None)))
    )
    inserted = insert(Task).from_select([*REPEATED, "due_on", "follows_id"], rows)
    return len(db.execute(inserted.returning(Task.id)).all())


def remove_following(db: Session, task_ids: Collection[int]) -> None:
    """Delete the tasks that were opened after these, if nobody has changed or done them."""
    db.execute(
        delete(Task)
        .where(Task.follows_id.in_(task_ids), Task.done_at.is_(None), Task.version == 1)
        .execution_options(synchronize_session=False)
    )


def reopen(db: Session, actor: Actor, *, task_ids: Collection[int]) -> Sequence[Changed]:
    """Mark done tasks as open; pass over those that are open or that the actor may not change."""
    return db.execute(
        update(Task)
        .where(Task.id.in_(task_ids), Task.done_at.is_not(None), _changeable(actor))
        .values(done_at=None, done_by=None, version=Task.version + 1, updated_at=func.now())
        .returning(Task.id, Task.donor_id, Task.title)
        .execution_options(synchronize_session=False)
    ).all()


def count_changeable(db: Session, actor: Actor, *, task_ids: Collection[int]) -> int:
    """Return how many of these tasks the actor may mark as done or open."""
    statement = select(func.count()).where(Task.id.in_(task_ids), _changeable(actor))
    return db.scalar(statement) or 0


def count_own(db: Session, actor: Actor, *, task_ids: Collection[int]) -> int:
    """Return how many of these tasks are open and the actor's own."""
    statement = _own_ids(actor, task_ids).where(Task.done_at.is_(None))
    return db.scalar(select(func.count()).select_from(statement.subquery())) or 0


def lock_own(db: Session, actor: Actor, *, task_id: int) -> Task | None:
    """Lock one of the actor's own tasks until the transaction ends, and return it."""
    return db.scalar(
        select(Task)
        .outerjoin(Donor, Donor.id == Task.donor_id)
        .where(Task.id == task_id, own(actor, visible_donors(actor)))
        .with_for_update(of=Task)
        .execution_options(populate_existing=True)
    )


def save(db: Session, task_id: int, **values: object) -> None:
    """Set columns of a task that is locked."""
    db.execute(
        update(Task)
        .where(Task.id == task_id)
        .values(**values, version=Task.version + 1, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


def move(
    db: Session, actor: Actor, *, task_ids: Collection[int], to: date
) -> Sequence[Row[int, date | None, int, int | None, str]]:
    """Move the actor's own open tasks to a day; return id, day before, version, donor, title."""
    before = (
        select(Task.id, Task.due_on)
        .outerjoin(Donor, Donor.id == Task.donor_id)
        .where(
            own(actor, visible_donors(actor)),
            Task.id.in_(task_ids),
            Task.done_at.is_(None),
            Task.due_on.is_distinct_from(to),
        )
        .with_for_update(of=Task)
        .cte("before")
    )
    return db.execute(
        update(Task)
        .where(Task.id == before.c.id)
        .values(due_on=to, version=Task.version + 1, updated_at=func.now())
        .returning(Task.id, before.c.due_on, Task.version, Task.donor_id, Task.title)
        .execution_options(synchronize_session=False)
    ).all()


def move_back(db: Session, actor: Actor, moved: Sequence[MovedTask]) -> Sequence[Changed]:
    """Give tasks the day they had before; pass over those that were saved since."""
    columns = column("id", BigInteger), column("due_on", Date), column("version", Integer)
    before = (
        func.unnest(
            cast([task.task_id for task in moved], ARRAY(BigInteger)),
            cast([task.due_on for task in moved], ARRAY(Date)),
            cast([task.version for task in moved], ARRAY(Integer)),
        )
        .table_valued(*columns, name="before")
        .render_derived()
    )
    return db.execute(
        update(Task)
        .where(
            Task.id == before.c.id,
            Task.version == before.c.version,
            Task.done_at.is_(None),
            Task.id.in_(_own_ids(actor, [task.task_id for task in moved])),
        )
        .values(due_on=before.c.due_on, version=Task.version + 1, updated_at=func.now())
        .returning(Task.id, Task.donor_id, Task.title)
        .execution_options(synchronize_session=False)
    ).all()


def remove(db: Session, task_id: int) -> None:
    """Delete a task that is locked."""
    db.execute(delete(Task).where(Task.id == task_id).execution_options(synchronize_session=False))


def restore(db: Session, actor: Actor, removed: RemovedTask) -> int | None:
    """Insert a deleted task again and return its id; None if an import has brought it back."""
    values = {name: getattr(removed, name) for name in RemovedTask.COLUMNS}
    # the alert and the task before may be gone since
    earlier = aliased(Task)
    follows_id = select(earlier.id).where(earlier.id == removed.follows_id).scalar_subquery()
    alert_id = select(Alert.id).where(Alert.id == removed.alert_id).scalar_subquery()
    return db.scalar(
        insert_or_pass(Task)
        .values(**values, alert_id=alert_id, follows_id=follows_id, assignee_id=actor.user_id)
        .on_conflict_do_nothing()
        .returning(Task.id)
    )


def _own_ids(actor: Actor, task_ids: Collection[int]) -> Select[int]:
    return (
        select(Task.id)
        .outerjoin(Donor, Donor.id == Task.donor_id)
        .where(Task.id.in_(task_ids), own(actor, visible_donors(actor)))
    )


def _changeable(actor: Actor) -> ColumnElement[bool]:
    """Return an SQL condition over tasks: the actor may mark them as done or open."""
    of_editable = select(Donor.id).where(Donor.id == Task.donor_id, editable_donors(actor))
    return or_(Task.assignee_id == actor.user_id, of_editable.exists())
