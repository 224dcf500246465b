"""Password reset: mail a link if the requested address has an account.

The request is only queued, so that the response time is the same for unknown addresses.
"""

from datetime import datetime

from app import mail
from app.accounts.authentication import login_throttle
from app.accounts.authentication.sessions import digest
from app.accounts.authentication.sign_in import request_password_reset
from app.db import Session
from app.db.queue import defer
from app.settings import settings

RESET_TASK = "reset_link"
_MAX_EMAIL_LENGTH = 320
# below that of all other tasks
_PRIORITY = -1


def request_reset(db: Session, *, email: str, caller: str, now: datetime) -> None:
    """Queue a request for a password reset of this address, unless one is waiting already.

    A caller's requests are limited, and other tasks go first, so that no stranger can keep the
    workers busy.
    """
    if not login_throttle.may_request_reset(db, caller=caller, now=now):
        return
    email = email.strip().replace("\0", "")[:_MAX_EMAIL_LENGTH]
    waiting_once = f"{RESET_TASK}:{digest(email.lower())}"
    defer(db, RESET_TASK, {"email": email}, queueing_lock=waiting_once, priority=_PRIORITY)


def send_reset_link(db: Session, *, email: str, now: datetime) -> bool:
    """Queue the reset mail if the address may have one now; return whether it was queued."""
    reset = request_password_reset(db, email=email, now=now)
    if reset is None:
        return False
    user_id, name, address, code = reset
    link = f"{settings().public_url}/reset?code={code}"
    return mail.password_reset(db, user_id=user_id, name=name, to=address, link=link, now=now)
