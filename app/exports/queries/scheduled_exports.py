"""The files people want regularly, and whose turn it is."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select, update

from app.accounts import Actor
from app.db import Session
from app.db.models import RegularExport, User


def mine(db: Session, actor: Actor) -> Sequence[RegularExport]:
    """Return the person's own, the oldest first."""
    chosen = select(RegularExport).where(RegularExport.user_id == actor.user_id)
    return db.scalars(chosen.order_by(RegularExport.id)).all()


def add(db: Session, **values: Any) -> int:
    """Add one; return its number."""
    row = RegularExport(**values)
    db.add(row)
    db.flush()
    return row.id


def remove(db: Session, actor: Actor, regular_id: int) -> str | None:
    """Remove one of the person's own; return its kind, None when there is none."""
    return db.scalar(
        delete(RegularExport)
        .where(RegularExport.id == regular_id, RegularExport.user_id == actor.user_id)
        .returning(RegularExport.kind)
    )


def waiting(db: Session, *, until: date) -> Sequence[Any]:
    """Return (id, user_id) of those that may be due by a day, of people who may be mailed."""
    return db.execute(
        select(RegularExport.id, RegularExport.user_id)
        .join(User, User.id == RegularExport.user_id)
        .where(User.participates, RegularExport.next_on <= until)
        .order_by(RegularExport.id)
    ).all()


def locked(db: Session, regular_id: int) -> RegularExport | None:
    """Return one for this transaction alone; None when it is gone, or another has it."""
    chosen = select(RegularExport).where(RegularExport.id == regular_id)
    return db.scalar(chosen.with_for_update(skip_locked=True))


def move(db: Session, regular_id: int, *, next_on: date) -> None:
    """Write down the next day it is due."""
    db.execute(
        update(RegularExport)
        .where(RegularExport.id == regular_id)
        .values(next_on=next_on)
        .execution_options(synchronize_session=False)
    )


def how_many(db: Session, actor: Actor) -> int:
    """Count the person's own."""
    chosen = select(func.count()).where(RegularExport.user_id == actor.user_id)
    return db.scalar(chosen) or 0
