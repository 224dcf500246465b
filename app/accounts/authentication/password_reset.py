"""A forgotten password: asked for by anybody, answered by mail to those who have an account.

What is typed is only queued, so that asking takes as long for an address nobody has.
"""

from datetime import datetime

from app import mail
from app.accounts.authentication.sign_in import ask_reset
from app.db import Session
from app.db.queue import defer
from app.settings import settings

RESET_TASK = "reset_link"
_LONGEST = 320


def forgot(db: Session, *, email: str) -> None:
    """Queue that somebody asks for a new password under this address."""
    defer(db, RESET_TASK, {"email": email.strip().replace("\0", "")[:_LONGEST]})


def send_link(db: Session, *, email: str, now: datetime) -> bool:
    """Mail the link to a new password if an active account has the address; say whether."""
    found = ask_reset(db, email=email, now=now)
    if found is None:
        return False
    user_id, name, address, code = found
    link = f"{settings().public_url}/reset?code={code}"
    return mail.password_reset(db, user_id=user_id, name=name, to=address, link=link, now=now)
