"""The outbox as SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import OutboxMessage, User

# After so long a claim belongs to a process that is gone.
LEASE = timedelta(minutes=10)


def exists(db: Session, key: str) -> bool:
    """Whether a message of this key was ever queued."""
    return db.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None


def add(db: Session, **values: Any) -> bool:
    """Insert a message unless its key exists; say whether it is new."""
    statement = insert(OutboxMessage).values(**values)
    statement = statement.on_conflict_do_nothing(index_elements=["key"])
    return db.execute(statement.returning(OutboxMessage.id)).first() is not None


def claim(db: Session, *, now: datetime, worker: str, limit: int) -> Sequence[OutboxMessage]:
    """Take messages that are due, skipping those another sender is taking."""
    due = or_(
        OutboxMessage.state == "queued",
        (OutboxMessage.state == "sending") & (OutboxMessage.claimed_at < now - LEASE),
    )
    chosen = (
        select(OutboxMessage.id)
        .where(due, OutboxMessage.next_try_at <= now)
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(chosen))
        .values(state="sending", claimed_at=now, claimed_by=worker, tries=OutboxMessage.tries + 1)
        .returning(OutboxMessage)
    )
    return sorted(db.scalars(statement).all(), key=lambda row: row.id)


def suppress(db: Session) -> None:
    """Hold back what waits for people whose account has ended meanwhile."""
    ended = select(User.id).where(~User.active)
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "queued", OutboxMessage.user_id.in_(ended))
        .values(state="suppressed", error="The account ended before the message left.")
    )


def settle(db: Session, message_id: int, worker: str, **values: Any) -> None:
    """Write the outcome of a message this worker had claimed."""
    db.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.state == "sending",
            OutboxMessage.claimed_by == worker,
        )
        .values(**values)
    )


def newest(db: Session, *, states: tuple[str, ...], limit: int) -> Sequence[OutboxMessage]:
    """List messages, the newest first."""
    statement = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    if states:
        statement = statement.where(OutboxMessage.state.in_(states))
    return db.scalars(statement).all()


def requeue(db: Session, *, message_id: int, now: datetime) -> bool:
    """Make a failed message wait again; say whether there was one."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.state == "failed")
        .values(state="queued", tries=0, next_try_at=now, error=None)
        .returning(OutboxMessage.id)
    )
    return db.execute(statement).first() is not None


def counts(db: Session, *, since: datetime) -> tuple[int, int, int]:
    """Count the messages sent since a moment, waiting for another try, and failed since."""
    state = OutboxMessage.state
    row = db.execute(
        select(
            func.count().filter(state == "sent", OutboxMessage.sent_at >= since),
            func.count().filter(state == "queued", OutboxMessage.tries > 0),
            func.count().filter(state == "failed", OutboxMessage.claimed_at >= since),
        ).where(
            or_(
                state == "queued",
                OutboxMessage.sent_at >= since,
                OutboxMessage.claimed_at >= since,
            )
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def states(db: Session) -> dict[str, int]:
    """Count the messages by state."""
    rows = db.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    return {row[0]: int(row[1]) for row in rows}
