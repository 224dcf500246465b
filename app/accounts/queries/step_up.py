"""Query for the last confirmation of a session by password or code."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.db import Session as Db
from app.db.models import SecondFactor, Session, User


@dataclass(frozen=True, slots=True)
class Confirmation:
    """When a session began and was last confirmed, and whether its user has password and code."""

    created_at: datetime
    confirmed_at: datetime | None
    password: bool
    code: bool


def confirmation(db: Db, *, session_id: str, user_id: int) -> Confirmation | None:
    """Return the confirmation of this user's unrevoked session, or None."""
    statement = (
        select(
            Session.created_at,
            Session.confirmed_at,
            User.password_hash.is_not(None),
            SecondFactor.confirmed_at.is_not(None),
        )
        .join(User, User.id == Session.user_id)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .where(Session.id == session_id, User.id == user_id, Session.revoked_at.is_(None))
    )
    row = db.execute(statement).one_or_none()
    return None if row is None else Confirmation(row[0], row[1], row[2], row[3])
