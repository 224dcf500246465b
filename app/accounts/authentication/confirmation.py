"""Confirmation of a session by password or code, with a rate limit for wrong ones."""

from datetime import datetime

from app.accounts.authentication import login_throttle, mfa, passwords
from app.accounts.authorization import Actor, require_own
from app.accounts.queries import sessions as session_queries
from app.accounts.users.directory import existing_user
from app.db import Session
from app.kit.errors import NotAllowedError


def confirm(db: Session, actor: Actor, *, secret: str, now: datetime) -> bool:
    """Confirm the session if `secret` is the actor's password or code; return whether it is.

    Return False also after too many wrong tries. Call it in its own transaction, so that the count
    of wrong tries is committed.

    Raises:
        NotAllowedError: there is no session to confirm, or this is a View as.
    """
    require_own(actor)
    if actor.session_id is None:
        msg = "Please sign in on the screen."
        raise NotAllowedError(msg)
    attempt = login_throttle.begin_attempt_in_session(
        db, session_id=actor.session_id, user_id=actor.user_id, now=now
    )
    if not attempt.allowed or not _secret_is_right(db, actor, secret, now):
        return False
    login_throttle.attempt_succeeded(db, attempt)
    session_queries.set_session(db, actor.session_id, confirmed_at=now)
    return True


def _secret_is_right(db: Session, actor: Actor, secret: str, now: datetime) -> bool:
    if passwords.verify_password(secret, existing_user(db, actor.user_id).password_hash):
        return True
    return mfa.has_mfa(db, actor.user_id) and mfa.verify_code(
        db, actor.user_id, code=secret, now=now
    )
