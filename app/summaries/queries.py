"""SQL of the subscribers of weekly summaries, and of the used action links."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import EmailAction, User


def subscribers(db: Session) -> Sequence[Any]:
    """Return (id, weekday, hour) of the users who may be mailed and have the summary enabled."""
    return db.execute(
        select(User.id, User.summary_weekday, User.summary_hour)
        .where(User.participates, User.summary_on)
        .order_by(User.id)
    ).all()


def is_done(db: Session, token_id: str) -> bool:
    """Return whether a link was used."""
    return db.get(EmailAction, token_id) is not None


def note_done(db: Session, token_id: str, *, user_id: int, at: datetime) -> bool:
    """Store that a link is used; return False if it was already, also in a race."""
    statement = insert(EmailAction).values(token_id=token_id, user_id=user_id, used_at=at)
    done = db.execute(statement.on_conflict_do_nothing().returning(EmailAction.token_id))
    return done.first() is not None


def forget_done(db: Session, *, before: datetime) -> int:
    """Delete the records of links used before a moment; return how many."""
    gone = db.execute(
        delete(EmailAction).where(EmailAction.used_at < before).returning(EmailAction.token_id)
    )
    return len(gone.all())
