"""Who sends a request of the JSON API: the one place that reads an Authorization header."""

from datetime import datetime

from app import accounts
from app.accounts import Actor
from app.db import Session


def bearer_actor(db: Session, header: str | None, *, now: datetime) -> Actor | None:
    """Return who is behind "Bearer <token>", or None for anything else.

    A cookie is never asked: a page of another site can send one, and cannot send this header.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    return accounts.token_actor(db, access=token, now=now)
