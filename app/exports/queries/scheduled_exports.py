"""SQL queries of scheduled exports."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, delete, func, select, update

from app.accounts import Actor
from app.db import Session
from app.db.models import ScheduledExport, User


def own_exports(db: Session, actor: Actor) -> Sequence[ScheduledExport]:
    """Return the actor's scheduled exports, oldest first."""
    statement = select(ScheduledExport).where(ScheduledExport.user_id == actor.user_id)
    return db.scalars(statement.order_by(ScheduledExport.id)).all()


def add(db: Session, **values: object) -> int:
    """Insert a scheduled export and return its id."""
    row = ScheduledExport(**values)
    db.add(row)
    db.flush()
    return row.id


def remove(db: Session, actor: Actor, export_id: int) -> str | None:
    """Delete one of the actor's scheduled exports; return its kind, or None if not found."""
    return db.scalar(
        delete(ScheduledExport)
        .where(ScheduledExport.id == export_id, ScheduledExport.user_id == actor.user_id)
        .returning(ScheduledExport.kind)
    )


def due(db: Session, *, until: date) -> Sequence[Row[int, int]]:
    """Return (id, user_id) of the exports due on or before `until`, of users who get mail."""
    return db.execute(
        select(ScheduledExport.id, ScheduledExport.user_id)
        .join(User, User.id == ScheduledExport.user_id)
        .where(User.participates, ScheduledExport.next_on <= until)
        .order_by(ScheduledExport.id)
    ).all()


def locked(db: Session, export_id: int) -> ScheduledExport | None:
    """Return the row locked for this transaction; None if it is gone or locked by another."""
    statement = select(ScheduledExport).where(ScheduledExport.id == export_id)
    return db.scalar(statement.with_for_update(skip_locked=True))


def set_next_date(db: Session, export_id: int, *, next_on: date) -> None:
    """Set the next due date."""
    db.execute(
        update(ScheduledExport)
        .where(ScheduledExport.id == export_id)
        .values(next_on=next_on)
        .execution_options(synchronize_session=False)
    )


def count_own(db: Session, actor: Actor) -> int:
    """Return the number of the actor's scheduled exports."""
    statement = select(func.count()).where(ScheduledExport.user_id == actor.user_id)
    return db.scalar(statement) or 0
