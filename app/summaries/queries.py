"""SQL of the subscribers of weekly summaries, and of the used action links."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import EmailAction, User


def subscribers(db: Session) -> Sequence[Row[int, int, int]]:
    """Return (id, weekday, hour) of the users who may be mailed and have the summary enabled."""
    return db.execute(
        select(User.id, User.summary_weekday, User.summary_hour)
        .where(User.participates, User.summary_on)
        .order_by(User.id)
    ).all()


def is_used(db: Session, token_id: str) -> bool:
    """Return whether a link was used."""
    return db.get(EmailAction, token_id) is not None


def mark_used(db: Session, token_id: str, *, user_id: int, used_at: datetime) -> bool:
    """Store that a link is used; return False if it was already, also in a race."""
    statement = insert(EmailAction).values(token_id=token_id, user_id=user_id, used_at=used_at)
    inserted = db.execute(statement.on_conflict_do_nothing().returning(EmailAction.token_id))
    return inserted.first() is not None


def purge_used(db: Session, *, before: datetime) -> int:
    """Delete the records of links used before a moment; return how many."""
    deleted = db.execute(
        delete(EmailAction).where(EmailAction.used_at < before).returning(EmailAction.token_id)
    )
    return len(deleted.all())
