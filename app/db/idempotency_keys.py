"""Stored responses by idempotency key, for clients that retry a request."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.models import IdempotencyKey
from app.db.session import Session

LASTS = timedelta(hours=24)


def claim(
    db: Session, *, user_id: int, key_hash: str, request_hash: str, now: datetime
) -> IdempotencyKey | None:
    """Claim a key for this transaction; return the stored row if it was claimed before, else None.

    A second request with the same key waits until the first has committed or rolled back. Keys
    older than 24 hours count as new.
    """
    mine = (IdempotencyKey.user_id == user_id, IdempotencyKey.key_hash == key_hash)
    db.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.created_at <= now - LASTS))
    row = insert(IdempotencyKey).values(
        user_id=user_id, key_hash=key_hash, request_hash=request_hash, created_at=now
    )
    if db.scalar(row.on_conflict_do_nothing().returning(IdempotencyKey.key_hash)) is not None:
        return None
    return db.scalar(select(IdempotencyKey).where(*mine))


def store_response(db: Session, *, user_id: int, key_hash: str, answer: dict[str, Any]) -> None:
    """Store the response of a claimed key."""
    mine = (IdempotencyKey.user_id == user_id, IdempotencyKey.key_hash == key_hash)
    db.execute(update(IdempotencyKey).where(*mine).values(answer=answer))


def release(db: Session, *, before: datetime) -> int:
    """Delete keys created at or before `before` and return their number."""
    expired = delete(IdempotencyKey).where(IdempotencyKey.created_at <= before)
    return len(db.execute(expired.returning(IdempotencyKey.key_hash)).all())
