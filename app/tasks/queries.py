"""SQL of tasks. A task is visible to users who see its donor, and to its assignee."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Row,
    SQLColumnExpression,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from app.accounts import Actor, editable_donors, visible_donors
from app.accounts.authorization import visible_to_user
from app.db import Session
from app.db.models import Alert, Donor, Task, User
from app.donors.anonymity import shown_name, without_name

# a task with its donor's name, title and note as the actor may see them
TaskRow = Row[Task, str, str, str | None]


def due(
    db: Session, actor: Actor, *, today: date, limit: int, after: tuple[int, date, int] | None
) -> Sequence[TaskRow]:
    """Return the actor's open tasks due by a day, without a donor or with a visible one.

    `after` is the (priority, due day, id) of the previous page's last task.
    """
    sort_key = tuple_(Task.priority, Task.due_on, Task.id)
    following = sort_key > tuple_(*map(literal, after)) if after else true()
    return db.execute(
        select(Task, *_text_columns(actor))
        .outerjoin(Donor, Donor.id == Task.donor_id)
        .where(
            Task.assignee_id == actor.user_id,
            Task.done_at.is_(None),
            Task.due_on <= today,
            or_(Task.donor_id.is_(None), visible_donors(actor)),
            following,
        )
        .order_by(Task.priority, Task.due_on, Task.id)
        .limit(limit)
    ).all()


def overdue_by_assignee(db: Session, actor: Actor, *, today: date) -> dict[int, int]:
    """Return assignee → open tasks due before a day, about donors both they and the actor see."""
    statement = (
        select(Task.assignee_id, func.count())
        .join(Donor, Donor.id == Task.donor_id)
        .join(User, User.id == Task.assignee_id)
        .where(
            Task.done_at.is_(None),
            Task.due_on < today,
            visible_donors(actor),
            visible_to_user(Donor.owner_id),
        )
        .group_by(Task.assignee_id)
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def of_donor(db: Session, actor: Actor, *, donor_id: int) -> Sequence[TaskRow]:
    """Return a visible donor's tasks, open ones first."""
    return db.execute(
        select(Task, *_text_columns(actor))
        .join(Donor, Donor.id == Task.donor_id)
        .where(Task.donor_id == donor_id, visible_donors(actor))
        .order_by(Task.done_at.desc().nulls_first(), Task.due_on, Task.due_at, Task.id)
    ).all()


def _text_columns(
    actor: Actor,
) -> tuple[ColumnElement[str], SQLColumnExpression[str], SQLColumnExpression[str | None]]:
    """Return columns: the donor's name, title and note, with the name masked where hidden."""
    return shown_name(actor), without_name(actor, Task.title), without_name(actor, Task.note)


def may_edit(db: Session, actor: Actor, *, donor_id: int) -> bool:
    """Return whether the actor may edit this donor."""
    statement = select(Donor.id).where(Donor.id == donor_id, editable_donors(actor))
    return db.scalar(statement) is not None


def add(db: Session, **values: object) -> int:
    """Insert a task and return its id."""
    return db.execute(insert(Task).values(**values).returning(Task.id)).scalar_one()


def set_done(db: Session, actor: Actor, *, task_id: int, **values: object) -> Task | None:
    """Mark a task as done or open; return None when the actor may not change it."""
    allowed = (
        select(Task.id)
        .outerjoin(Donor, Donor.id == Task.donor_id)
        .where(
            Task.id == task_id,
            or_(
                Task.assignee_id == actor.user_id,
                editable_donors(actor) & Donor.id.is_not(None),
            ),
        )
    )
    return db.scalar(
        update(Task)
        .where(Task.id.in_(allowed))
        .values(**values, version=Task.version + 1, updated_at=func.now())
        .returning(Task)
        .execution_options(synchronize_session=False)
    )


def open_for_system(db: Session, *, alert_ids: Sequence[int], today: date) -> int:
    """Insert a call, or a letter if calls are unwanted, for each alert with an active owner."""
    if not alert_ids:
        return 0
    by_phone = ~Donor.no_phone
    by_letter = or_(~Donor.no_mail, ~Donor.no_email)
    has_open_task = exists().where(Task.alert_id == Alert.id, Task.done_at.is_(None))
    inserted = insert(Task).from_select(
        ["type", "title", "note", "priority", "due_on", "donor_id", "assignee_id", "alert_id"],
        select(
            case((by_phone, "call"), else_="write"),
            func.concat(
                case((by_phone, "Call "), else_="Write to "), Donor.name, " about the pledge"
            ),
            Alert.reason,
            literal(1),
            literal(today),
            Donor.id,
            Donor.owner_id,
            Alert.id,
        )
        .join(Donor, Donor.id == Alert.donor_id)
        .join(User, User.id == Donor.owner_id)
        .where(
            Alert.id.in_(alert_ids),
            User.participates,
            ~has_open_task,
            ~Donor.deceased,
            or_(by_phone, by_letter),
        ),
    )
    return len(db.execute(inserted.returning(Task.id)).all())


def follow_up(db: Session, task_id: int, *, due_on: date) -> int | None:
    """Insert the letter that follows a call about an active alert; return its id."""
    earlier = aliased(Task)
    inserted = insert(Task).from_select(
        ["type", "title", "note", "priority", "due_on", "donor_id", "assignee_id", "alert_id"],
        select(
            literal("write"),
            func.concat("Write to ", Donor.name, " about the pledge"),
            Task.note,
            literal(2),
            literal(due_on),
            Donor.id,
            Task.assignee_id,
            Alert.id,
        )
        .join(Donor, Donor.id == Task.donor_id)
        .join(Alert, Alert.id == Task.alert_id)
        .join(User, User.id == Task.assignee_id)
        .where(
            Task.id == task_id,
            User.participates,
            Task.type == "call",
            Alert.state.in_(("open", "snoozed")),
            ~and_(Donor.no_mail, Donor.no_email),
            ~Donor.deceased,
            ~exists().where(earlier.alert_id == Alert.id, earlier.type == "write"),
        ),
    )
    return db.scalar(inserted.returning(Task.id))


def close_unwanted_for_system(db: Session, donor_ids: Sequence[int]) -> Sequence[tuple[int, int]]:
    """Mark tasks as done that are no longer wanted; return (donor, number of tasks)."""
    for_alert = Task.alert_id.is_not(None)
    unwanted = or_(
        Donor.deceased,
        and_(for_alert, Task.type == "call", Donor.no_phone),
        and_(for_alert, Task.type == "write", Donor.no_mail, Donor.no_email),
    )
    closed = (
        update(Task)
        .where(
            Task.donor_id.in_(donor_ids),
            Task.done_at.is_(None),
            Donor.id == Task.donor_id,
            unwanted,
        )
        .values(done_at=func.now(), version=Task.version + 1)
        .returning(Task.donor_id)
        .execution_options(synchronize_session=False)
    )
    counted = Counter(db.scalars(closed).all())
    return [(donor_id, number) for donor_id, number in counted.items() if donor_id is not None]


def reopen_for_system(db: Session, *, task_ids: Sequence[int]) -> None:
    """Mark tasks as open again for their donors' owners, and delete open letters that followed."""
    if not task_ids:
        return
    alerts = select(Task.alert_id).where(Task.id.in_(task_ids))
    db.execute(
        delete(Task)
        .where(
            Task.alert_id.in_(alerts),
            Task.type == "write",
            Task.done_at.is_(None),
            Task.version == 1,
            Task.id > max(task_ids),
        )
        .execution_options(synchronize_session=False)
    )
    owner_id = select(Donor.owner_id).where(Donor.id == Task.donor_id).scalar_subquery()
    db.execute(
        update(Task)
        .where(Task.id.in_(task_ids))
        .values(
            done_at=None,
            done_by=None,
            # the donor may have another owner since
            assignee_id=func.coalesce(owner_id, Task.assignee_id),
            version=Task.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def close_for_system(
    db: Session, *, alert_ids: Sequence[int], now: datetime | None, by: int | None = None
) -> list[int]:
    """Mark the open tasks of alerts as done; return their ids."""
    if not alert_ids:
        return []
    closed = (
        update(Task)
        .where(Task.alert_id.in_(alert_ids), Task.done_at.is_(None))
        .values(done_at=now or func.now(), done_by=by or None, version=Task.version + 1)
        .returning(Task.id)
    )
    return list(db.scalars(closed))
