"""Queries on TOTP secrets and recovery codes."""

from datetime import datetime

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from app.db import Session as Db
from app.db.models import RecoveryCode, SecondFactor


def of_user(db: Db, user_id: int, *, lock: bool = False) -> SecondFactor | None:
    """Return a user's TOTP factor, confirmed or not, or None."""
    statement = select(SecondFactor).where(SecondFactor.user_id == user_id)
    statement = statement.execution_options(populate_existing=True)
    return db.scalar(statement.with_for_update() if lock else statement)


def save(db: Db, *, user_id: int, secret: bytes, now: datetime) -> None:
    """Store a new, unconfirmed secret."""
    values = {"secret": secret, "created_at": now, "confirmed_at": None, "last_step": 0}
    statement = pg_insert(SecondFactor).values(user_id=user_id, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


def secrets_after_for_system(
    db: Db, user_id: int, *, limit: int, lock: bool = False
) -> list[Row[int, bytes]]:
    """Return the next (user id, encrypted secret) rows after a user id, ordered by id."""
    statement = (
        select(SecondFactor.user_id, SecondFactor.secret)
        .where(SecondFactor.user_id > user_id)
        .order_by(SecondFactor.user_id)
        .limit(limit)
    )
    return list(db.execute(statement.with_for_update() if lock else statement).all())


def reencrypt_for_system(db: Db, user_id: int, secret: bytes) -> None:
    """Replace a user's secret by the same one encrypted with another key."""
    db.execute(update(SecondFactor).where(SecondFactor.user_id == user_id).values(secret=secret))


def confirm(db: Db, *, user_id: int, now: datetime) -> None:
    """Activate a user's secret."""
    db.execute(
        update(SecondFactor).where(SecondFactor.user_id == user_id).values(confirmed_at=now)
    )


def use_step(db: Db, *, user_id: int, step: int) -> bool:
    """Use up the code of a time step; return False when it or a later one was used before."""
    used = db.execute(
        update(SecondFactor)
        .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.user_id)
    )
    return used.one_or_none() is not None


def remove(db: Db, user_id: int) -> bool:
    """Delete a user's TOTP factor and recovery codes; return False when there was none."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    deleted = db.execute(
        delete(SecondFactor).where(SecondFactor.user_id == user_id).returning(SecondFactor.user_id)
    )
    return deleted.one_or_none() is not None


def replace_recovery_codes(db: Db, *, user_id: int, hashes: list[str]) -> None:
    """Replace a user's recovery codes by exactly these."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.execute(
        insert(RecoveryCode),
        [{"user_id": user_id, "code_hash": code_hash} for code_hash in hashes],
    )


def use_recovery_code(db: Db, *, user_id: int, code_hash: str, now: datetime) -> bool:
    """Use up a recovery code; of concurrent calls only one returns True."""
    used = db.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.user_id)
    )
    return used.one_or_none() is not None


def count_unused_recovery(db: Db, user_id: int) -> int:
    """Count a user's unused recovery codes."""
    statement = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return db.execute(statement).scalar_one()
