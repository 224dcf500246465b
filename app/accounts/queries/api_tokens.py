"""Queries on personal API tokens. Only hashes are stored."""

from datetime import datetime

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, update

from app.db import Session as Db
from app.db.models import ApiToken, User


def add(db: Db, **values: object) -> int:
    """Insert a token and return its id."""
    return db.execute(insert(ApiToken).values(**values).returning(ApiToken.id)).scalar_one()


def of_user(db: Db, user_id: int, now: datetime) -> list[ApiToken]:
    """Return a user's valid tokens, the newest first."""
    statement = select(ApiToken).where(ApiToken.user_id == user_id, *_is_valid(now))
    return list(db.scalars(statement.order_by(ApiToken.id.desc())))


def count_of_user(db: Db, user_id: int, now: datetime) -> int:
    """Count a user's valid tokens."""
    statement = select(func.count()).where(ApiToken.user_id == user_id, *_is_valid(now))
    return db.execute(statement).scalar_one()


def by_hash(db: Db, token_hash: str, now: datetime) -> Row[int, int, list[str]] | None:
    """Return (id, user id, scopes) of a valid token of an active user, or None."""
    return db.execute(
        select(ApiToken.id, ApiToken.user_id, ApiToken.scopes)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash, *_is_valid(now), User.active)
    ).one_or_none()


def record_use(db: Db, token_id: int, *, now: datetime, before: datetime) -> None:
    """Store the last use of a token, unless a use since `before` is stored already."""
    db.execute(
        update(ApiToken)
        .where(
            ApiToken.id == token_id,
            or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < before),
        )
        .values(last_used_at=now)
    )


def end(db: Db, *, user_id: int, reason: str, now: datetime, only: int | None = None) -> list[str]:
    """Revoke a user's tokens, or `only` one; return their names."""
    statement = update(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    if only is not None:
        statement = statement.where(ApiToken.id == only)
    revoked = statement.values(revoked_at=now, revoked_why=reason).returning(ApiToken.name)
    return list(db.scalars(revoked))


def purge(db: Db, *, before: datetime) -> int:
    """Delete the tokens that were revoked or expired before a moment; return how many."""
    ended = or_(ApiToken.revoked_at < before, ApiToken.expires_at < before)
    return len(db.execute(delete(ApiToken).where(ended).returning(ApiToken.id)).all())


def _is_valid(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
    )
