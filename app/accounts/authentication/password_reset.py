"""Password reset: mail a link if the requested address has an account.

The request is only queued, so that the response time is the same for unknown addresses.
"""

from datetime import datetime

from app import mail
from app.accounts.authentication.sign_in import request_password_reset
from app.db import Session
from app.db.queue import defer
from app.settings import settings

RESET_TASK = "reset_link"
_MAX_EMAIL_LENGTH = 320


def request_reset(db: Session, *, email: str) -> None:
    """Queue a request for a password reset of this address."""
    defer(db, RESET_TASK, {"email": email.strip().replace("\0", "")[:_MAX_EMAIL_LENGTH]})


def send_reset_link(db: Session, *, email: str, now: datetime) -> bool:
    """Queue the reset mail if the address may have one now; return whether it was queued."""
    reset = request_password_reset(db, email=email, now=now)
    if reset is None:
        return False
    user_id, name, address, code = reset
    link = f"{settings().public_url}/reset?code={code}"
    return mail.password_reset(db, user_id=user_id, name=name, to=address, link=link, now=now)
