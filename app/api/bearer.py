"""Authentication of API requests by a bearer token in the Authorization header."""

from datetime import datetime

from app import accounts
from app.accounts import PERSONAL_PREFIX, ApiTokenActor
from app.db import Session


def bearer_program(db: Session, header: str | None, *, now: datetime) -> ApiTokenActor | None:
    """Return the actor and scopes of "Bearer <token>", or None for anything else.

    Cookies are ignored, which prevents CSRF: a page of another site can make a browser send a
    cookie, but not this header.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    if token.startswith(PERSONAL_PREFIX):
        return accounts.api_token_actor(db, token=token, now=now)
    actor = accounts.token_actor(db, access=token, now=now)
    return None if actor is None else ApiTokenActor(actor)
