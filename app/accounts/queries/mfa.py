"""The second factor and its recovery codes as SQL."""

from datetime import datetime

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from app.db import Session as Db
from app.db.models import RecoveryCode, SecondFactor


def of_person(db: Db, user_id: int, *, lock: bool = False) -> SecondFactor | None:
    """Return somebody's second factor, confirmed or not."""
    statement = select(SecondFactor).where(SecondFactor.user_id == user_id)
    statement = statement.execution_options(populate_existing=True)
    return db.scalar(statement.with_for_update() if lock else statement)


def put(db: Db, *, user_id: int, secret: bytes, now: datetime) -> None:
    """Keep a new secret that is not in force yet."""
    values = {"secret": secret, "created_at": now, "confirmed_at": None, "last_step": 0}
    statement = pg_insert(SecondFactor).values(user_id=user_id, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


def after_for_system(
    db: Db, user_id: int, *, limit: int, lock: bool = False
) -> list[Row[int, bytes]]:
    """Return the next (person, sealed secret) after a person's id, in the order of ids."""
    statement = (
        select(SecondFactor.user_id, SecondFactor.secret)
        .where(SecondFactor.user_id > user_id)
        .order_by(SecondFactor.user_id)
        .limit(limit)
    )
    return list(db.execute(statement.with_for_update() if lock else statement).all())


def reseal_for_system(db: Db, user_id: int, secret: bytes) -> None:
    """Keep somebody's secret sealed anew."""
    db.execute(update(SecondFactor).where(SecondFactor.user_id == user_id).values(secret=secret))


def confirm(db: Db, *, user_id: int, now: datetime) -> None:
    """Put somebody's secret in force."""
    db.execute(
        update(SecondFactor).where(SecondFactor.user_id == user_id).values(confirmed_at=now)
    )


def take_step(db: Db, *, user_id: int, step: int) -> bool:
    """Spend the code of a half minute; False when it, or a later one, was spent before."""
    taken = db.execute(
        update(SecondFactor)
        .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.user_id)
    )
    return taken.one_or_none() is not None


def drop(db: Db, user_id: int) -> bool:
    """Forget somebody's second factor with its recovery codes; False when there was none."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    gone = db.execute(
        delete(SecondFactor).where(SecondFactor.user_id == user_id).returning(SecondFactor.user_id)
    )
    return gone.one_or_none() is not None


def replace_recovery(db: Db, *, user_id: int, hashes: list[str]) -> None:
    """Make exactly these somebody's recovery codes."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    db.execute(insert(RecoveryCode), [{"user_id": user_id, "code_hash": one} for one in hashes])


def use_recovery(db: Db, *, user_id: int, code_hash: str, now: datetime) -> bool:
    """Spend a recovery code; of any number of racers one may."""
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


def recovery_left(db: Db, user_id: int) -> int:
    """Count somebody's recovery codes not used yet."""
    statement = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return db.execute(statement).scalar_one()
