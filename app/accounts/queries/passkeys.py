"""Queries on passkeys and their challenges. Of a challenge only the hash is stored."""

from datetime import datetime

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from app.db import Session as Db
from app.db.models import OneTimeCode, Passkey, User


def of_user(db: Db, user_id: int) -> list[Passkey]:
    """Return a user's passkeys, the oldest first."""
    statement = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return list(db.scalars(statement.execution_options(populate_existing=True)))


def by_credential(db: Db, credential_id: bytes) -> Row[Passkey, User] | None:
    """Return the passkey of a credential id, with its user."""
    return db.execute(
        select(Passkey, User)
        .join(User, User.id == Passkey.user_id)
        .where(Passkey.credential_id == credential_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def add(db: Db, **values: object) -> int | None:
    """Insert a passkey and return its id, or None when the credential is registered already."""
    statement = pg_insert(Passkey).values(**values).on_conflict_do_nothing()
    return db.execute(statement.returning(Passkey.id)).scalar_one_or_none()


def rename(db: Db, *, user_id: int, passkey_id: int, name: str) -> str | None:
    """Rename a user's passkey and return its old name, or None when there is no such passkey."""
    conditions = (Passkey.id == passkey_id, Passkey.user_id == user_id)
    before = db.scalar(select(Passkey.name).where(*conditions).with_for_update())
    if before is not None:
        db.execute(update(Passkey).where(*conditions).values(name=name))
    return before


def drop(db: Db, *, user_id: int, passkey_id: int) -> str | None:
    """Delete a user's passkey and return its name, or None when there is no such passkey."""
    return db.execute(
        delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.user_id == user_id)
        .returning(Passkey.name)
    ).scalar_one_or_none()


def drop_all(db: Db, user_id: int) -> int:
    """Delete all of a user's passkeys; return how many."""
    deleted = db.execute(delete(Passkey).where(Passkey.user_id == user_id).returning(Passkey.id))
    return len(deleted.all())


def count_up(db: Db, passkey_id: int, *, sign_count: int, backed_up: bool, now: datetime) -> bool:
    """Store a use of a passkey; return False when the signature counter did not rise.

    Many devices have no counter and always send 0.
    """
    rises = Passkey.sign_count < sign_count if sign_count else Passkey.sign_count == 0
    used = db.execute(
        update(Passkey)
        .where(Passkey.id == passkey_id, rises)
        .values(sign_count=sign_count, backed_up=backed_up, last_used_at=now)
        .returning(Passkey.id)
    )
    return used.one_or_none() is not None


def add_challenge(db: Db, *, now: datetime, **values: object) -> None:
    """Insert a challenge, and delete expired sign-in challenges."""
    db.execute(
        delete(OneTimeCode).where(
            OneTimeCode.purpose == "passkey_sign_in", OneTimeCode.expires_at < now
        )
    )
    db.execute(insert(OneTimeCode).values(**values))


def use_challenge(
    db: Db,
    *,
    code_hash: str,
    purpose: str,
    now: datetime,
    user_id: int | None = None,
    session_id: str | None = None,
) -> bool:
    """Use up a challenge of this user and session; of concurrent calls only one returns True."""
    used = db.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.code_hash == code_hash,
            OneTimeCode.purpose == purpose,
            OneTimeCode.user_id.is_not_distinct_from(user_id),
            OneTimeCode.session_id.is_not_distinct_from(session_id),
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeCode.code_hash)
    )
    return used.one_or_none() is not None


def count_of_user(db: Db, user_id: int) -> int:
    """Count a user's passkeys."""
    return db.execute(select(func.count()).where(Passkey.user_id == user_id)).scalar_one()
