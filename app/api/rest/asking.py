"""Who asks, and when: what every route of the API begins with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from app.accounts import Actor
from app.api.bearer import bearer_actor
from app.api.rest import limits
from app.api.rest.problems import SignInError
from app.db import Session, transaction

NOBODY = "Please sign in: send a good access token as “Authorization: Bearer …”."
_scheme = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    scheme_name="bearer",
    description="The `access` token of `POST /api/v1/auth/token`, good for minutes.",
)


def now() -> datetime:
    """Return the current moment (UTC)."""
    return datetime.now(UTC)


def today(actor: Actor) -> date:
    """Return the actor's own day."""
    return now().astimezone(ZoneInfo(actor.time_zone)).date()


@contextmanager
def work(actor: Actor) -> Iterator[Session]:
    """Open the one transaction of a request, for the person who sends it."""
    with transaction(actor) as db:
        yield db


def known(request: Request, _scheme: Annotated[object, Security(_scheme)]) -> Actor:
    """Return who sends the request.

    Raises:
        SignInError: there is no good token with it.
        TooManyError: this person asks too fast.
    """
    with transaction() as db:
        actor = bearer_actor(db, request.headers.get("authorization"), now=now())
    if actor is None:
        raise SignInError(NOBODY)
    limits.PEOPLE.take(str(actor.user_id))
    return actor


Known = Annotated[Actor, Depends(known)]
