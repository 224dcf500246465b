"""Sessions and one-time codes as SQL. Only hashes are kept, and a code is used by one UPDATE."""

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

# a device that did not sign in for so long is a new one again
DEVICES_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Live:
    """A session that lasts: whose it is, through whose eyes it looks, when it was last used.

    `mfa_due` is when a second factor is due; None where none is needed or it was shown.
    """

    actor: Actor
    viewing_id: int | None
    last_seen_at: datetime
    mfa_due: datetime | None


def add_session(db: Db, **values: object) -> None:
    """Insert a session row."""
    db.execute(insert(Session).values(**values))


def devices_of(db: Db, user_id: int) -> set[str]:
    """Return the devices a person has signed in with."""
    return set(db.scalars(select(UserDevice.device).where(UserDevice.user_id == user_id)))


def see_device(db: Db, user_id: int, device: str, *, at: datetime) -> None:
    """Remember when a device signed in last."""
    statement = upsert(UserDevice).values(user_id=user_id, device=device, last_at=at)
    db.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "device"], set_={"last_at": at})
    )


def add_code(db: Db, **values: object) -> None:
    """Insert a one-time code."""
    db.execute(insert(OneTimeCode).values(**values))


def use_code(
    db: Db, *, code_hash: str, purpose: str, now: datetime
) -> tuple[int, str | None] | None:
    """Spend a code; of any number of racers one gets (user id, session id)."""
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
    """Make a person's waiting codes useless."""
    db.execute(
        delete(OneTimeCode).where(
            OneTimeCode.user_id == user_id, OneTimeCode.purpose.in_(purposes)
        )
    )


def session_row(db: Db, session_id: str, *, lock: bool = False) -> Session | None:
    """Return a session by its id."""
    statement = select(Session).where(Session.id == session_id)
    return db.scalar(statement.with_for_update() if lock else statement)


def live(db: Db, session_id: str, now: datetime) -> Live | None:
    """Return who is behind a session that lasts, of an active person."""
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
    return Live(as_actor(row), row.viewing_id, row.last_seen_at, row.mfa_due)


def set_session(db: Db, session_id: str, **values: object) -> None:
    """Change a session's fields."""
    db.execute(update(Session).where(Session.id == session_id).values(**values))


def seen(db: Db, session_id: str, *, now: datetime, idle: timedelta, longest: timedelta) -> None:
    """Note that a session is in use: it lasts `idle` more, `longest` in all."""
    until = func.least(Session.created_at + longest, now + idle)
    set_session(db, session_id, last_seen_at=now, expires_at=until)


def code_since(db: Db, *, user_id: int, purpose: str, since: datetime) -> bool:
    """Whether a code that still waits was made for somebody after a moment."""
    statement = select(OneTimeCode.code_hash).where(
        OneTimeCode.user_id == user_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > since,
    )
    return db.scalar(statement.limit(1)) is not None


def codes_made(db: Db, *, user_id: int, purpose: str, now: datetime) -> int:
    """Count the codes made within the time one lasts, used or not."""
    statement = select(func.count()).where(
        OneTimeCode.user_id == user_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.expires_at > now,
    )
    return db.execute(statement).scalar_one()


def use_older(db: Db, *, user_id: int, purpose: str, keep: int, now: datetime) -> None:
    """Make all but the newest codes of a person useless; they still count as made."""
    waiting = (
        OneTimeCode.user_id == user_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
    )
    newest = (
        select(OneTimeCode.code_hash)
        .where(*waiting)
        .order_by(OneTimeCode.expires_at.desc())
        .limit(keep)
    )
    older = OneTimeCode.code_hash.not_in(newest)
    db.execute(update(OneTimeCode).where(*waiting, older).values(used_at=now))


def revoke(
    db: Db,
    *,
    user_id: int,
    why: str,
    now: datetime,
    only: str | None = None,
    keep: str | None = None,
) -> int:
    """End a person's sessions: all, only one, or all but one. Return how many ended.

    Unless only one session ends, the person's API tokens end with them.
    """
    statement = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None))
    if only is not None:
        statement = statement.where(Session.id == only)
    else:
        db.execute(
            update(TokenFamily)
            .where(TokenFamily.user_id == user_id, TokenFamily.revoked_at.is_(None))
            .values(revoked_at=now, revoked_why=why)
        )
    if keep is not None:
        statement = statement.where(Session.id != keep)
    done = db.execute(statement.values(revoked_at=now, revoked_why=why).returning(Session.id))
    return len(done.all())


def sessions_of(db: Db, user_id: int, now: datetime) -> list[Session]:
    """List a person's live sessions, the most recently seen first."""
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
    """Delete expired sessions, codes and token families; return how many."""
    families = db.execute(
        delete(TokenFamily).where(TokenFamily.expires_at < now).returning(TokenFamily.id)
    )
    codes = db.execute(
        delete(OneTimeCode).where(OneTimeCode.expires_at < now).returning(OneTimeCode.code_hash)
    )
    db.execute(delete(UserDevice).where(UserDevice.last_at < now - DEVICES_KEPT))
    old = db.execute(delete(Session).where(Session.expires_at < now).returning(Session.id))
    return len(codes.all()) + len(old.all()) + len(families.all())
