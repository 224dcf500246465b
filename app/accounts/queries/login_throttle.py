"""Queries on the counts of wrong sign-in tries."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import SignInTry


def lock(db: Session, keys: list[str], now: datetime) -> list[tuple[str, int, datetime | None]]:
    """Insert missing rows of these keys and lock all; return (key, failed, blocked until)."""
    insertion = insert(SignInTry).values(
        [{"key": key, "failed": 0, "seen_at": now} for key in keys]
    )
    statement = insertion.on_conflict_do_update(
        index_elements=["key"], set_={"seen_at": now}
    ).returning(SignInTry.key, SignInTry.failed, SignInTry.blocked_until)
    return [(row[0], row[1], row[2]) for row in db.execute(statement)]


def save(db: Session, key: str, **values: object) -> None:
    """Save the count of a key."""
    db.execute(update(SignInTry).where(SignInTry.key == key).values(**values))


def remove(db: Session, prefixes: list[str]) -> None:
    """Delete the keys with these prefixes, locked in the same order as by tries (no deadlock)."""
    begins = or_(*(SignInTry.key.startswith(prefix, autoescape=True) for prefix in prefixes))
    keys = list(
        db.scalars(select(SignInTry.key).where(begins).order_by(SignInTry.key).with_for_update())
    )
    db.execute(delete(SignInTry).where(SignInTry.key.in_(keys)))


def purge(db: Session, *, before: datetime) -> int:
    """Delete the counts whose last try was before a moment; return how many."""
    statement = delete(SignInTry).where(SignInTry.seen_at < before).returning(SignInTry.key)
    return len(db.execute(statement).all())
