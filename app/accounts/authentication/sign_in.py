"""The actor's own account: sign-in, password change and reset, settings."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from app import audit
from app.accounts.authentication import login_throttle, mfa, passwords
from app.accounts.authentication.known_devices import known_device, new_device_code
from app.accounts.authentication.sessions import digest
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, require_own
from app.accounts.queries import api_tokens as api_token_queries
from app.accounts.queries import devices as device_queries
from app.accounts.queries import sessions as session_queries
from app.accounts.queries import users as queries
from app.accounts.users import admin_notices, preferences
from app.accounts.users.directory import existing_user, search_name
from app.accounts.users.invitations import invitation_expired, never_accepted
from app.db import Session
from app.db.models import User
from app.kit.errors import InvalidError

RESET_LASTS = timedelta(hours=1)
# at most one mail a minute per account
RESET_INTERVAL = timedelta(minutes=1)
# links that are valid at the same time, so that an attacker who requests more does not
# invalidate the owner's
MAX_VALID_RESETS = 3
MAX_RESETS_PER_HOUR = 5
# after a correct password, the code must be entered within this time
CODE_WITHIN = timedelta(minutes=5)
WITH_CODE = "a password and a code"


def update_profile(
    db: Session,
    actor: Actor,
    *,
    name: str,
    time_zone: str | None,
    summary_on: bool,
    summary_weekday: int,
    summary_hour: int,
    alert_channels: dict[str, str],
    quiet_from: int | None = None,
    quiet_until: int | None = None,
    locale: str | None = None,
) -> None:
    """Save the actor's own settings; weekday 0 is Monday, without a locale the organisation's.

    During quiet hours (0 to 23, both or neither) no alert is mailed.

    Raises:
        InvalidError: a value is invalid; the message says which.
    """
    require_own(actor)
    new_preferences = preferences.Preferences(
        time_zone=time_zone,
        summary_on=summary_on,
        summary_weekday=summary_weekday,
        summary_hour=summary_hour,
        alert_channels=alert_channels,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        locale=locale,
    )
    preferences.check(new_preferences)
    # an unchanged name is not checked: it may be older than the length limit
    saved = existing_user(db, actor.user_id).name
    name = name if name == saved else search_name(name)
    queries.set_user(db, actor.user_id, name=name, **asdict(new_preferences))


@dataclass(frozen=True, slots=True)
class CodeRequired:
    """The password was right; a code of the second factor is required before `until`."""

    user_id: int
    email: str
    until: datetime


def sign_in(
    db: Session,
    *,
    email: str,
    password: str,
    now: datetime,
    caller: str = "",
    code: str = "",
    device: str = "",
) -> Actor | CodeRequired | None:
    """Return the actor, or None; wrong tries delay the next one with exponential backoff.

    A wrong password, an unknown address (after the same work) and a try during the delay return
    the same result, so that a caller cannot find out who has an account. `caller` is the network
    address, `device` the value of the device cookie. A user with a second factor sends its `code`
    with the password, or afterwards to `sign_in_with_code`. The audit log records a success and a
    wrong try, but no try during the delay.
    """
    device_hash = known_device(db, email=email, cookie=device)
    attempt = login_throttle.begin_attempt(
        db, email=email, caller=caller, device=device_hash, now=now
    )
    if not attempt.allowed:
        return None
    row = queries.user_by_email(db, email.strip())
    password_right = passwords.verify_password(
        password, row.password_hash if row and row.active else None
    )
    if row is None or not password_right:
        _record_refusal(db, row, "wrong password")
        return None
    needs_code = mfa.has_mfa(db, row.id)
    if needs_code and not code:
        login_throttle.withdraw_attempt(db, attempt)
        return CodeRequired(row.id, email, now + CODE_WITHIN)
    if needs_code and not mfa.verify_code(db, row.id, code=code, now=now):
        _record_refusal(db, row, "wrong code")
        return None
    new_hash = _new_hash(row, password)
    return _succeed(db, row, attempt, WITH_CODE if needs_code else "a password", now, **new_hash)


def _succeed(
    db: Session,
    row: User,
    attempt: login_throttle.Attempt,
    method: str,
    now: datetime,
    **values: str,
) -> Actor | None:
    """Record a sign-in and return its actor; `values` are further columns of the user."""
    login_throttle.attempt_succeeded(db, attempt)
    queries.set_user(db, row.id, last_sign_in_at=now, **values)
    audit.record_sign_in(db, user_id=row.id, method=method)
    return queries.actor(db, user_id=row.id)


def _record_refusal(db: Session, row: User | None, reason: str) -> None:
    """Record a refused sign-in; one statement for known and unknown addresses alike."""
    if row is None:
        reason = "no account has the e-mail that was typed"
    elif not row.active:
        reason = "the account is deactivated"
    audit.record_failed_sign_in(
        db,
        reason=reason,
        user_id=None if row is None else row.id,
        email=None if row is None else row.email,
    )


def _new_hash(row: User, password: str) -> dict[str, str]:
    """Return the column `password_hash` if it has to be made anew, otherwise nothing."""
    if passwords.needs_rehash(row.password_hash or ""):
        return {"password_hash": passwords.hash_password(password)}
    return {}


def sign_in_with_code(
    db: Session,
    *,
    needed: CodeRequired,
    code: str,
    now: datetime,
    caller: str = "",
    device: str = "",
) -> Actor | None:
    """Return the actor if the code of the second factor is right, or None; wrong codes count."""
    device_hash = known_device(db, email=needed.email, cookie=device)
    attempt = login_throttle.begin_attempt(
        db, email=needed.email, caller=caller, device=device_hash, now=now
    )
    if not attempt.allowed or now >= needed.until:
        return None
    row = queries.user(db, needed.user_id)
    code_right = mfa.verify_code(db, needed.user_id, code=code, now=now)
    if row is None or not row.active or not code_right:
        _record_refusal(db, row, "wrong code")
        return None
    return _succeed(db, row, attempt, WITH_CODE, now)


def sign_in_with_provider(
    db: Session, *, email: str, verified: bool, now: datetime
) -> Actor | CodeRequired | None:
    """Return the actor with the address that a configured identity provider supplies, or None.

    Only an address `verified` by the provider is accepted: any other may belong to another person.
    A user with a second factor in DonorCRM still enters its code.
    """
    row = queries.user_by_email(db, email.strip()) if verified else None
    if row is None or not row.active or invitation_expired(db, row, now=now):
        return None
    if mfa.has_mfa(db, row.id):
        return CodeRequired(row.id, row.email, now + CODE_WITHIN)
    first_sign_in = never_accepted(row)
    queries.set_user(db, row.id, last_sign_in_at=now)
    audit.record_sign_in(db, user_id=row.id, method="the identity provider")
    if first_sign_in:
        admin_notices.invitation_accepted(db, row)
    return queries.actor(db, user_id=row.id)


def change_password(
    db: Session, actor: Actor, *, old: str, new: str, keep_session: str | None, now: datetime
) -> None:
    """Replace the actor's password and end every other session.

    Inside a session, pass the old password to `confirm` first, which counts wrong ones.

    Raises:
        InvalidError: the old password is wrong, or the new one is too easy to guess.
        ConfirmFirstError: the session is not confirmed.
    """
    require_own(actor)
    require_confirmed(db, actor, now=now)
    row = existing_user(db, actor.user_id)
    if not passwords.verify_password(old, row.password_hash):
        msg = "The current password is not right."
        raise InvalidError(msg)
    _set_password(db, row, new, now)
    session_queries.revoke(
        db, user_id=row.id, keep=keep_session, reason="password changed", now=now
    )
    api_token_queries.end(db, user_id=row.id, reason="password changed", now=now)


def request_password_reset(
    db: Session, *, email: str, now: datetime
) -> tuple[int, str, str, str] | None:
    """Return (user id, name, e-mail, reset code) for an active account, or None.

    It is None also for an expired invitation, within a minute of the last code, and after five
    codes in an hour. The caller must respond the same in every case. A code works once, within an
    hour; the three newest are valid at the same time.
    """
    row = queries.user_by_email(db, email.strip(), lock=True)
    if row is None or not row.active or invitation_expired(db, row, now=now):
        return None
    latest_expiry = now + RESET_LASTS - RESET_INTERVAL
    if session_queries.has_code_since(db, user_id=row.id, purpose="reset", since=latest_expiry):
        return None
    if (
        session_queries.count_recent_codes(db, user_id=row.id, purpose="reset", now=now)
        >= MAX_RESETS_PER_HOUR
    ):
        return None
    session_queries.invalidate_older_codes(
        db, user_id=row.id, purpose="reset", keep=MAX_VALID_RESETS - 1, now=now
    )
    code = secrets.token_urlsafe(32)
    session_queries.add_code(
        db, code_hash=digest(code), purpose="reset", user_id=row.id, expires_at=now + RESET_LASTS
    )
    return row.id, row.name, row.email, code


def reset_password(db: Session, *, code: str, new: str, now: datetime) -> str:
    """Set a new password with a code from the mail; end all sessions and drop known devices.

    Return a code that fetches a device cookie: the owner of the mailbox is not delayed by other
    callers' wrong tries.

    Raises:
        InvalidError: the link is used or expired, or the password is too easy to guess (the code
            then still works).
    """
    code_row = session_queries.use_code(db, code_hash=digest(code), purpose="reset", now=now)
    if code_row is None:
        msg = "This link was used before or is older than an hour. Ask for a new one."
        raise InvalidError(msg)
    row = existing_user(db, code_row[0])
    first_sign_in = never_accepted(row)
    _set_password(db, row, new, now)
    if first_sign_in:
        admin_notices.invitation_accepted(db, row)
    session_queries.revoke(db, user_id=row.id, reason="password reset", now=now)
    api_token_queries.end(db, user_id=row.id, reason="password reset", now=now)
    device_queries.drop(db, user_id=row.id)
    return new_device_code(db, user_id=row.id, now=now)


def _set_password(db: Session, row: User, new: str, now: datetime) -> None:
    passwords.require_strong_password(new, name=row.name, email=row.email)
    queries.set_user(
        db,
        row.id,
        password_hash=passwords.hash_password(new),
        password_changed_at=now,
    )
    login_throttle.clear_account(db, email=row.email)
    session_queries.drop_codes(db, user_id=row.id, purposes=("reset", "sign_in", "device"))
