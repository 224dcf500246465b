"""Who wants a weekly summary, and which of its links were used."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import MailDeed, User


def subscribers(db: Session) -> Sequence[Any]:
    """Return (id, weekday, hour) of the people who may be mailed and whose summary is on."""
    return db.execute(
        select(User.id, User.summary_weekday, User.summary_hour)
        .where(User.participates, User.summary_on)
        .order_by(User.id)
    ).all()


def is_done(db: Session, token_id: str) -> bool:
    """Whether a link was used."""
    return db.get(MailDeed, token_id) is not None


def note_done(db: Session, token_id: str, *, user_id: int, at: datetime) -> bool:
    """Note that a link is used; False when it was before: of two racers one goes on."""
    statement = insert(MailDeed).values(token_id=token_id, user_id=user_id, used_at=at)
    done = db.execute(statement.on_conflict_do_nothing().returning(MailDeed.token_id))
    return done.first() is not None


def forget_done(db: Session, *, before: datetime) -> int:
    """Forget the links used before a moment; return how many."""
    gone = db.execute(
        delete(MailDeed).where(MailDeed.used_at < before).returning(MailDeed.token_id)
    )
    return len(gone.all())
