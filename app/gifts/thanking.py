"""Thanking for gifts, and putting a gift back into the thank-you queue."""

from datetime import datetime

from app.accounts import Actor
from app.db import Session
from app.gifts import service
from app.gifts.queries import write as write_queries
from app.kit.text import line


def thank(db: Session, actor: Actor, *, gift_id: int, how: str | None, now: datetime) -> bool:
    """Mark a gift as thanked; return whether it was not thanked before.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
    """
    return _set_thanked(db, actor, gift_id, how=line(how or "", "How") or None, thanked_at=now)


def unthank(db: Session, actor: Actor, *, gift_id: int) -> bool:
    """Put a gift back into the thank-you queue; return whether it had been thanked.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
    """
    return _set_thanked(db, actor, gift_id, how=None, thanked_at=None)


def _set_thanked(
    db: Session, actor: Actor, gift_id: int, *, how: str | None, thanked_at: datetime | None
) -> bool:
    donor_id = write_queries.thank(db, actor, gift_id, how=how, thanked_at=thanked_at)
    if donor_id is None:
        service.lock(db, actor, gift_id)
        return False
    verb = "thanked" if thanked_at else "unthanked"
    manner = f" by {how}" if how else ""
    sentence = (
        f"Thanked for a gift{manner}."
        if thanked_at
        else "Put a gift back into the thank-you queue."
    )
    service.log_change(db, actor, verb, gift_id, donor_id, sentence)
    return True
