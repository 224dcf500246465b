"""SQL of the tasks that alerts open, and of tasks that are not wanted any more."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import and_, case, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from app.db import Session
from app.db.models import Alert, Donor, Task, User

_OPENED = ["type", "title", "note", "priority", "due_on", "donor_id", "assignee_id", "alert_id"]


def open_for_system(db: Session, *, alert_ids: Sequence[int], today: date) -> int:
    """Insert a call, or a letter if calls are unwanted, for each alert with an active owner."""
    if not alert_ids:
        return 0
    by_phone = ~Donor.no_phone
    by_letter = or_(~Donor.no_mail, ~Donor.no_email)
    has_open_task = exists().where(Task.alert_id == Alert.id, Task.done_at.is_(None))
    inserted = insert(Task).from_select(
        _OPENED,
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


def follow_up(db: Session, task_ids: Sequence[int], *, due_on: date) -> list[int]:
    """Insert the letters that follow calls about active alerts, one for each alert."""
    if not task_ids:
        return []
    earlier = aliased(Task)
    inserted = insert(Task).from_select(
        [*_OPENED, "follows_id"],
        select(
            literal("write"),
            func.concat("Write to ", Donor.name, " about the pledge"),
            Task.note,
            literal(2),
            literal(due_on),
            Donor.id,
            Task.assignee_id,
            Alert.id,
            Task.id,
        )
        .join(Donor, Donor.id == Task.donor_id)
        .join(Alert, Alert.id == Task.alert_id)
        .join(User, User.id == Task.assignee_id)
        .where(
            Task.id.in_(task_ids),
            User.participates,
            Task.type == "call",
            Alert.state.in_(("open", "snoozed")),
            ~and_(Donor.no_mail, Donor.no_email),
            ~Donor.deceased,
            ~exists().where(earlier.alert_id == Alert.id, earlier.type == "write"),
        )
        .ext(distinct_on(Alert.id))
        .order_by(Alert.id, Task.id),
    )
    return list(db.scalars(inserted.returning(Task.id)))


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
