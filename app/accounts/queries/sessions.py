"""Queries on sessions and one-time codes. Only hashes are stored; one UPDATE uses up a code."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.accounts.authorization import Actor
from app.accounts.queries.mfa_policy import MFA_DUE
from app.accounts.queries.users import ACTOR, as_actor
from app.db import Session as Db
from app.db.models import (
    OneTimeCode,
    Organisation,
    Session,
    TokenFamily,
    User,
    UserDevice,
)

# a device that has not signed in for this time counts as new again
DEVICES_RETENTION = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A live session: its user as an actor, the user of its View as, and its last use.

    `mfa_due` is when a second factor is due, None if the role needs none or the session was opened
    with one.
    """

    actor: Actor
    viewing_id: int | None
    last_seen_at: datetime
    mfa_due: datetime | None


def add_session(db: Db, **values: object) -> None:
    """Insert a session row."""
    db.execute(insert(Session).values(**values))


def devices_of_user(db: Db, user_id: int) -> set[str]:
    """Return the devices that a user has signed in with."""
    return set(db.scalars(select(UserDevice.device).where(UserDevice.user_id == user_id)))


def record_device(db: Db, user_id: int, device: str, *, now: datetime) -> None:
    """Store the last sign-in of a device."""
    statement = upsert(UserDevice).values(user_id=user_id, device=device, last_at=now)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "device"], set_={"last_at": now}
        )
    )


def add_code(db: Db, **values: object) -> None:
    """Insert a one-time code."""
    db.execute(insert(OneTimeCode).values(**values))


def use_code(
    db: Db, *, code_hash: str, purpose: str, now: datetime
) -> tuple[int, str | None] | None:
    """Use up a code; of concurrent calls only one returns (user id, session id), others None."""
    row = db.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.code_hash == code_hash,
            OneTimeCode.purpose == purpose,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeCode.user_id, OneTimeCode.session_id)
    ).one_or_none()
    return None if row is None or row.user_id is None else (row.user_id, row.session_id)


def drop_codes(db: Db, *, user_id: int, purposes: tuple[str, ...]) -> None:
    """Delete a user's codes of these purposes."""
    db.execute(
        delete(OneTimeCode).where(
            OneTimeCode.user_id == user_id, OneTimeCode.purpose.in_(purposes)
        )
    )


def session_row(db: Db, session_id: str, *, lock: bool = False) -> Session | None:
    """Return a session by its id, live or not."""
    statement = select(Session).where(Session.id == session_id)
    return db.scalar(statement.with_for_update() if lock else statement)


def live_session(db: Db, session_id: str, now: datetime) -> LiveSession | None:
    """Return a live session of an active user, or None."""
    row = db.execute(
        select(
            Session.viewing_id,
            Session.last_seen_at,
            case((~Session.two_factor, MFA_DUE)).label("mfa_due"),
            *ACTOR,
        )
        .join(User, User.id == Session.user_id)
        .outerjoin(Organisation, Organisation.id == 1)
        .where(
            Session.id == session_id,
            Session.revoked_at.is_(None),
            Session.expires_at > now,
            User.active,
        )
    ).one_or_none()
    if row is None:
        return None
    return LiveSession(as_actor(row), row.viewing_id, row.last_seen_at, row.mfa_due)


def set_session(db: Db, session_id: str, **values: object) -> None:
    """Change a session's fields."""
    db.execute(update(Session).where(Session.id == session_id).values(**values))


def extend_session(
    db: Db, session_id: str, *, now: datetime, idle: timedelta, longest: timedelta
) -> None:
    """Extend a session in use: it expires after `idle` more, but at most `longest` in all."""
    expires_at = func.least(Session.created_at + longest, now + idle)
    set_session(db, session_id, last_seen_at=now, expires_at=expires_at)


def has_code_since(db: Db, *, user_id: int, purpose: str, since: datetime) -> bool:
    """Return whether a user has an unused code that expires after `since`."""
    statement = select(OneTimeCode.code_hash).where(
        OneTimeCode.user_id == user_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > since,
    )
    return db.scalar(statement.limit(1)) is not None


def count_recent_codes(db: Db, *, user_id: int, purpose: str, now: datetime) -> int:
    """Count a user's codes that have not expired, used or not."""
    statement = select(func.count()).where(
        OneTimeCode.user_id == user_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.expires_at > now,
    )
    return db.execute(statement).scalar_one()


def invalidate_older_codes(
    db: Db, *, user_id: int, purpose: str, keep: int, now: datetime
) -> None:
    """Mark all but a user's newest `keep` codes as used; they still count as recent."""
    unused = (
        OneTimeCode.user_id == user_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
    )
    newest = (
        select(OneTimeCode.code_hash)
        .where(*unused)
        .order_by(OneTimeCode.expires_at.desc())
        .limit(keep)
    )
    older = OneTimeCode.code_hash.not_in(newest)
    db.execute(update(OneTimeCode).where(*unused, older).values(used_at=now))


def revoke(
    db: Db,
    *,
    user_id: int,
    reason: str,
    now: datetime,
    only: str | None = None,
    keep: str | None = None,
) -> int:
    """Revoke a user's sessions: all, `only` one, or all but `keep`; return how many.

    Unless only one session is revoked, the user's JWT token families are revoked as well.
    """
    statement = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None))
    if only is not None:
        statement = statement.where(Session.id == only)
    else:
        db.execute(
            update(TokenFamily)
            .where(TokenFamily.user_id == user_id, TokenFamily.revoked_at.is_(None))
            .values(revoked_at=now, revoked_why=reason)
        )
    if keep is not None:
        statement = statement.where(Session.id != keep)
    revoked = db.execute(
        statement.values(revoked_at=now, revoked_why=reason).returning(Session.id)
    )
    return len(revoked.all())


def sessions_of_user(db: Db, user_id: int, now: datetime) -> list[Session]:
    """Return a user's live sessions, the most recently seen first."""
    return list(
        db.scalars(
            select(Session)
            .where(
                Session.user_id == user_id, Session.revoked_at.is_(None), Session.expires_at > now
            )
            .order_by(Session.last_seen_at.desc(), Session.id)
        )
    )


def purge(db: Db, now: datetime) -> int:
    """Delete expired sessions, codes, token families and old devices; return how many.

    Devices are not counted.
    """
    families = db.execute(
        delete(TokenFamily).where(TokenFamily.expires_at < now).returning(TokenFamily.id)
    )
    codes = db.execute(
        delete(OneTimeCode).where(OneTimeCode.expires_at < now).returning(OneTimeCode.code_hash)
    )
    db.execute(delete(UserDevice).where(UserDevice.last_at < now - DEVICES_RETENTION))
    sessions = db.execute(delete(Session).where(Session.expires_at < now).returning(Session.id))
    return len(codes.all()) + len(sessions.all()) + len(families.all())
