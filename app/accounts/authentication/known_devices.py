"""Device cookies: a browser that signed in before is not delayed by other callers' wrong tries.

The cookie proves only that earlier sign-in. It contains no name, grants no access, and has an
effect only together with the password.
"""

import secrets
from datetime import datetime, timedelta

from app.accounts.authentication.sessions import CODE_LASTS, digest
from app.accounts.queries import devices as queries
from app.accounts.queries import sessions as session_queries
from app.db import Session
from app.kit.security.signed_tokens import sign, verify
from app.settings import settings

DEVICE_LASTS = timedelta(days=365)
PURPOSE = "device cookie"


def device_cookie_name() -> str:
    """Return the cookie's name; over https the prefix forbids other hosts and paths."""
    return "__Host-donorcrm-device" if settings().secure else "donorcrm-device"


def known_device(db: Session, *, email: str, cookie: str) -> str:
    """Return the hash of a device that signed in to this account before, or an empty string."""
    device_id = _device_id(cookie)
    device_hash = device_id and digest(device_id)
    return (
        device_hash
        if device_hash and queries.is_known(db, email=email, device_hash=device_hash)
        else ""
    )


def remember_device(db: Session, *, session_id: str, cookie: str, now: datetime) -> str | None:
    """Store the browser of a new session as a known device; return its device cookie.

    `cookie` is the browser's current one, from an earlier sign-in to this or another account.
    """
    row = session_queries.session_row(db, session_id)
    return None if row is None else _remember(db, user_id=row.user_id, cookie=cookie, now=now)


def new_device_code(db: Session, *, user_id: int, now: datetime) -> str:
    """Return a code that fetches a device cookie once, within 30 s."""
    code = secrets.token_urlsafe(32)
    session_queries.add_code(
        db, code_hash=digest(code), purpose="device", user_id=user_id, expires_at=now + CODE_LASTS
    )
    return code


def redeem_device_code(db: Session, *, code: str, cookie: str, now: datetime) -> str | None:
    """Exchange such a code for a device cookie; return None when it is wrong, old or used."""
    code_row = session_queries.use_code(db, code_hash=digest(code), purpose="device", now=now)
    return None if code_row is None else _remember(db, user_id=code_row[0], cookie=cookie, now=now)


def _remember(db: Session, *, user_id: int, cookie: str, now: datetime) -> str:
    device_id = _device_id(cookie) or secrets.token_urlsafe(16)
    queries.record(db, user_id=user_id, device_hash=digest(device_id), now=now)
    return sign(settings().signing_key, PURPOSE, device_id)


def _device_id(cookie: str) -> str | None:
    parts = verify(settings().signing_keys, PURPOSE, cookie) if cookie else None
    return parts[0] if parts else None
