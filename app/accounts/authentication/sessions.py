"""Sessions: a rotating token in an HttpOnly cookie, and a row that can be revoked."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app import audit
from app.accounts import impersonation
from app.accounts.authentication import mfa_policy
from app.accounts.authentication.new_device_alert import alert_copied_cookie, alert_new_device
from app.accounts.authorization import Actor, require_own
from app.accounts.queries import api_tokens as api_token_queries
from app.accounts.queries import devices as device_queries
from app.accounts.queries import login_throttle as throttle_queries
from app.accounts.queries import sessions as queries
from app.accounts.queries.users import raise_access_version
from app.db import Session
from app.db.security.entering import set_system_identity
from app.kit.formatting import count
from app.kit.security import signed_tokens
from app.settings import settings

# the maximum lifetime of a session in use; without use it ends after SESSION_IDLE_HOURS
MAX_LIFETIME = timedelta(days=30)
CODE_LASTS = timedelta(seconds=30)
ROTATE_AFTER = timedelta(minutes=15)
# Tabs that load at the same time still send the token that the first of them replaced.
ROTATION_GRACE = timedelta(seconds=30)
SEEN_EVERY = timedelta(minutes=1)
_SESSION_ID = re.compile(r"[\w-]{22}", re.ASCII)
_COOKIE = "session cookie"
ATTEMPTS_RETENTION = timedelta(days=1)
# an ended API token is retained for inquiries
TOKENS_RETENTION = timedelta(days=90)


def cookie_name() -> str:
    """Return the cookie's name; over https the prefix forbids other hosts and paths."""
    return "__Host-donorcrm" if settings().secure else "donorcrm"


@dataclass(frozen=True, slots=True)
class Device:
    """One active session, as shown to its owner."""

    session_id: str
    user_agent: str
    address: str
    last_seen_at: datetime
    created_at: datetime


def open_session(
    db: Session,
    *,
    user_id: int,
    now: datetime,
    address: str = "",
    user_agent: str = "",
    two_factor: bool = False,
    confirmed: bool = False,
) -> tuple[str, str]:
    """Open a session; return its id and the code that fetches the cookie once, within 30 s.

    A sign-in from a new device queues a mail to the user. `two_factor` means that a code or a
    passkey was required. A `confirmed` session needs no step-up in its first minutes: use it for a
    sign-in with user verification.
    """
    session_id = secrets.token_urlsafe(16)
    queries.add_session(
        db,
        id=session_id,
        user_id=user_id,
        token_hash=digest(secrets.token_urlsafe(32)),
        created_at=now,
        rotated_at=now,
        last_seen_at=now,
        expires_at=now + min(MAX_LIFETIME, _idle_timeout()),
        address=address[:60],
        user_agent=user_agent[:300],
        two_factor=two_factor,
        confirmed_at=now if confirmed else None,
    )
    alert_new_device(
        db, user_id=user_id, session_id=session_id, address=address, user_agent=user_agent, now=now
    )
    return session_id, _new_cookie_code(db, user_id=user_id, session_id=session_id, now=now)


def _new_cookie_code(db: Session, *, user_id: int, session_id: str, now: datetime) -> str:
    code = secrets.token_urlsafe(32)
    queries.add_code(
        db,
        code_hash=digest(code),
        purpose="sign_in",
        user_id=user_id,
        session_id=session_id,
        expires_at=now + CODE_LASTS,
    )
    return code


def redeem_code(db: Session, *, code: str, now: datetime) -> str | None:
    """Exchange the code for the cookie's value; return None when it is wrong, old or used."""
    code_row = queries.use_code(db, code_hash=digest(code), purpose="sign_in", now=now)
    if code_row is None or code_row[1] is None:
        return None
    return _rotate(db, code_row[1], now=now, previous=None)


def identify(
    db: Session, *, cookie: str, now: datetime, rotate: bool = True
) -> tuple[str, str | None] | None:
    """Return (session id, a new cookie value or None) for a valid cookie, else None.

    Only a caller that can send the browser its new cookie may `rotate`.

    A token of this session that was replaced longer ago than GRACE is treated as copied, however
    many tokens have followed it: the session ends, and its owner is sent a mail.
    """
    session_id, _, token = cookie.partition(".")
    well_formed = token and _SESSION_ID.fullmatch(session_id)
    row = queries.session_row(db, session_id, lock=True) if well_formed else None
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    token_hash = digest(token)
    if hmac.compare_digest(token_hash, row.token_hash):
        rotation_due = rotate and now - row.rotated_at > ROTATE_AFTER
        new_cookie = (
            _rotate(db, session_id, now=now, previous=row.token_hash) if rotation_due else None
        )
        return session_id, new_cookie
    just_before = bool(row.previous_hash) and hmac.compare_digest(
        token_hash, row.previous_hash or ""
    )
    if just_before and now - row.rotated_at <= ROTATION_GRACE:
        return session_id, None
    # an attacker who knows only the session's id cannot sign a token, and so cannot end it
    if just_before or signed_tokens.verify(settings().signing_keys, _COOKIE, cookie):
        queries.revoke(db, user_id=row.user_id, only=session_id, reason="an old token", now=now)
        sentence = "Signed out, because a copy of the session's cookie was used."
        audit.record_sign_out(db, user_id=row.user_id, sentence=sentence)
        alert_copied_cookie(db, user_id=row.user_id, session_id=session_id, now=now)
    return None


def _rotate(db: Session, session_id: str, *, now: datetime, previous: str | None) -> str:
    cookie = signed_tokens.sign(
        settings().signing_key, _COOKIE, session_id, secrets.token_urlsafe(32)
    )
    queries.set_session(
        db,
        session_id,
        token_hash=digest(cookie.partition(".")[2]),
        previous_hash=previous,
        rotated_at=now,
    )
    queries.extend_session(db, session_id, now=now, idle=_idle_timeout(), longest=MAX_LIFETIME)
    return cookie


def _idle_timeout() -> timedelta:
    return timedelta(hours=settings().session_idle_hours)


def session_actor(db: Session, *, session_id: str, now: datetime) -> Actor | None:
    """Return the actor of a live session, or None; called for every rerun and request.

    A transaction that had no user continues as this actor.
    """
    live = queries.live_session(db, session_id, now)
    if live is None:
        return None
    if live.last_seen_at < now - SEEN_EVERY:
        queries.extend_session(db, session_id, now=now, idle=_idle_timeout(), longest=MAX_LIFETIME)
    duty = mfa_policy.mfa_requirement(live.mfa_due, now=now)
    actor = replace(live.actor, session_id=session_id, **duty)
    if live.viewing_id is not None and not actor.must_set_up:
        actor = impersonation.impersonating(
            db, actor, session_id=session_id, user_id=live.viewing_id
        )
    set_system_identity(db, actor)
    return actor


def end_session(db: Session, *, session_id: str, now: datetime, reason: str = "sign-out") -> None:
    """End one session and its View as; a session that has ended already is not recorded again."""
    impersonation.impersonation_ends_at(db, session_id=session_id)
    row = queries.session_row(db, session_id, lock=True)
    if row is not None and row.revoked_at is None:
        audit.record_sign_out(db, user_id=row.user_id)
    queries.set_session(db, session_id, revoked_at=now, revoked_why=reason)


def devices(db: Session, actor: Actor, *, now: datetime) -> list[Device]:
    """Return the actor's own active sessions."""
    require_own(actor)
    return [
        Device(row.id, row.user_agent or "", row.address or "", row.last_seen_at, row.created_at)
        for row in queries.sessions_of_user(db, actor.user_id, now)
    ]


def end_other_sessions(db: Session, actor: Actor, *, keep: str | None, now: datetime) -> int:
    """End the actor's other sessions; return how many.

    Links in earlier mails become invalid, and the account's known devices are deleted.
    """
    require_own(actor)
    device_queries.drop(db, user_id=actor.user_id)
    raise_access_version(db, actor.user_id)
    ended = queries.revoke(db, user_id=actor.user_id, keep=keep, reason="by its owner", now=now)
    if ended:
        sentence = f"Signed out of {count(ended, 'other session')}."
        audit.record_sign_out(db, user_id=actor.user_id, sentence=sentence)
    return ended


def purge_sessions(db: Session, *, now: datetime) -> int:
    """Delete expired sessions, codes, sign-in tries, known devices and tokens; return how many."""
    return (
        queries.purge(db, now)
        + throttle_queries.purge(db, before=now - ATTEMPTS_RETENTION)
        + device_queries.purge(db, before=now - queries.DEVICES_RETENTION)
        + api_token_queries.purge(db, before=now - TOKENS_RETENTION)
    )


def digest(secret: str) -> str:
    """Return the SHA-256 hash under which a secret is stored."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
