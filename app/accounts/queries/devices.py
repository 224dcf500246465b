"""Queries on known devices: browsers that have signed in. Only hashes of their ids are stored."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import KnownDevice, User


def is_known(db: Session, *, email: str, device_hash: str) -> bool:
    """Return whether the device has signed in to the account of an e-mail; case is ignored."""
    address = email.replace("\0", "").strip().lower()
    statement = (
        select(KnownDevice.user_id)
        .join(User, User.id == KnownDevice.user_id)
        .where(func.lower(User.email) == address, KnownDevice.device_hash == device_hash)
    )
    return db.scalar(statement) is not None


def record(db: Session, *, user_id: int, device_hash: str, now: datetime) -> None:
    """Store that a device signed in to an account."""
    statement = insert(KnownDevice).values(user_id=user_id, device_hash=device_hash, last_at=now)
    key = ["user_id", "device_hash"]
    db.execute(statement.on_conflict_do_update(index_elements=key, set_={"last_at": now}))


def drop(db: Session, *, user_id: int) -> None:
    """Delete an account's known devices."""
    db.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))


def purge(db: Session, *, before: datetime) -> int:
    """Delete the devices that have not signed in since a moment; return how many."""
    expired = delete(KnownDevice).where(KnownDevice.last_at < before)
    return len(db.execute(expired.returning(KnownDevice.user_id)).all())
