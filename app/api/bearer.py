"""Who sends a request of the JSON API: the one place that reads an Authorization header."""

from datetime import datetime

from app import accounts
from app.accounts import PERSONAL, Program
from app.db import Session


def bearer_program(db: Session, header: str | None, *, now: datetime) -> Program | None:
    """Return who is behind "Bearer <token>" and for what, or None for anything else.

    A cookie is never asked: a page of another site can send one, and cannot send this header.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    if token.startswith(PERSONAL):
        return accounts.personal_actor(db, token=token, now=now)
    actor = accounts.token_actor(db, access=token, now=now)
    return None if actor is None else Program(actor)
