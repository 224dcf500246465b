"""Who wants a weekly summary."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.db import Session
from app.db.models import User


def subscribers(db: Session) -> Sequence[Any]:
    """Return (id, weekday, hour) of the active people whose summary is on."""
    return db.execute(
        select(User.id, User.summary_weekday, User.summary_hour)
        .where(User.active, User.summary_on)
        .order_by(User.id)
    ).all()
