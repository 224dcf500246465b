"""The browsers somebody has signed in with, as SQL. Only hashes of their cookies are kept."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import KnownDevice, User


def is_known(db: Session, *, email: str, device_hash: str) -> bool:
    """Whether the account of an e-mail, in any case, was signed in to with this device."""
    typed = email.replace("\0", "").strip().lower()
    statement = (
        select(KnownDevice.user_id)
        .join(User, User.id == KnownDevice.user_id)
        .where(func.lower(User.email) == typed, KnownDevice.device_hash == device_hash)
    )
    return db.scalar(statement) is not None


def see(db: Session, *, user_id: int, device_hash: str, now: datetime) -> None:
    """Remember that a device signed in to an account."""
    made = insert(KnownDevice).values(user_id=user_id, device_hash=device_hash, last_at=now)
    key = ["user_id", "device_hash"]
    db.execute(made.on_conflict_do_update(index_elements=key, set_={"last_at": now}))


def drop(db: Session, *, user_id: int) -> None:
    """Forget an account's devices."""
    db.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))


def purge(db: Session, *, before: datetime) -> int:
    """Delete what did not sign in since a moment; return how many."""
    old = delete(KnownDevice).where(KnownDevice.last_at < before)
    return len(db.execute(old.returning(KnownDevice.user_id)).all())
