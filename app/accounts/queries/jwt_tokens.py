"""Queries on families of refresh tokens. Only hashes are stored."""

from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from app.db import Session as Db
from app.db.models import TokenFamily, User


def add_family(db: Db, **values: object) -> None:
    """Insert a token family."""
    db.execute(insert(TokenFamily).values(**values))


def any_family(db: Db, user_id: int) -> bool:
    """Return whether the account has any stored token family, valid or not."""
    return (
        db.scalar(select(TokenFamily.id).where(TokenFamily.user_id == user_id).limit(1))
        is not None
    )


def family_for_update(db: Db, family_id: str, now: datetime) -> TokenFamily | None:
    """Return and lock a valid family of an active user, or return None."""
    return db.scalar(
        select(TokenFamily)
        .join(User, User.id == TokenFamily.user_id)
        .where(*_is_valid(family_id, now))
        .with_for_update(of=TokenFamily)
        .execution_options(populate_existing=True)
    )


def family_user_id(db: Db, family_id: str, now: datetime) -> int | None:
    """Return the user id of a valid family of an active user, or None."""
    return db.scalar(
        select(TokenFamily.user_id)
        .join(User, User.id == TokenFamily.user_id)
        .where(*_is_valid(family_id, now))
    )


def set_family(db: Db, family_id: str, **values: object) -> None:
    """Change a family's fields."""
    db.execute(update(TokenFamily).where(TokenFamily.id == family_id).values(**values))


def _is_valid(family_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        TokenFamily.id == family_id,
        TokenFamily.revoked_at.is_(None),
        TokenFamily.expires_at > now,
        User.active.is_(True),
    )
