"""Step-up authentication: require the password or a code again before critical actions."""

from datetime import datetime, timedelta

from app.accounts.authorization import Actor, require_own
from app.accounts.queries import step_up as queries
from app.db import Session
from app.kit.errors import ConfirmFirstError, NotAllowedError

CONFIRMED_FOR = timedelta(minutes=10)


def require_confirmed(db: Session, actor: Actor, *, now: datetime | None) -> None:
    """Raise unless a password or code was entered in the session within the last ten minutes.

    A sign-in with a passkey counts as well, because the device has just verified its user. A user
    with neither password nor code, who signs in by a provider, is confirmed by a sign-in within
    that time. A command on the server has no session and needs no confirmation.

    Raises:
        ConfirmFirstError: the user has to confirm first; also when `now` is None.
        NotAllowedError: the actor uses an API token, or this is a View as.
    """
    require_own(actor)
    if actor.program is not None:
        msg = "This is not possible with a token. Sign in on the screen."
        raise NotAllowedError(msg)
    if actor.session_id is None:
        return
    confirmation = queries.confirmation(db, session_id=actor.session_id, user_id=actor.user_id)
    if confirmation is None:
        raise ConfirmFirstError(password=True, code=False)
    confirmed_at = confirmation.confirmed_at
    if confirmed_at is None and not confirmation.password and not confirmation.code:
        confirmed_at = confirmation.created_at
    if now is None or confirmed_at is None or now - confirmed_at >= CONFIRMED_FOR:
        raise ConfirmFirstError(password=confirmation.password, code=confirmation.code)


def is_confirmed(db: Session, actor: Actor, *, now: datetime) -> bool:
    """Return whether `require_confirmed` would pass."""
    try:
        require_confirmed(db, actor, now=now)
    except ConfirmFirstError:
        return False
    return True
