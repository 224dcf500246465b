"""Dependencies of the API routes: the authenticated actor, the time, the transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from app.accounts import Actor, Scope
from app.api.bearer import bearer_program
from app.api.rest import rate_limits
from app.api.rest.problems import SignInError
from app.db import Session, replica, transaction
from app.kit.errors import NotAllowedError

NOBODY = "Please sign in: send a good access token as “Authorization: Bearer …”."
Found = TypeVar("Found")
_PARTS = {"imports": Scope.IMPORT, "exports": Scope.EXPORT}
_scheme = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="The `access` token of `POST /api/v1/auth/token`, valid for minutes, or a "
    "personal API token from My settings, limited to its scopes.",
)


def now() -> datetime:
    """Return the current moment (UTC)."""
    return datetime.now(UTC)


def today(actor: Actor) -> date:
    """Return the current day in the actor's time zone."""
    return now().astimezone(ZoneInfo(actor.time_zone)).date()


@contextmanager
def work(actor: Actor) -> Iterator[Session]:
    """Open the only transaction of a request, with the rights of the actor."""
    with transaction(actor) as db:
        yield db


def read_only(actor: Actor, find: Callable[[Session], Found]) -> Found:
    """Call `find` in a read-only transaction of the actor, on the read replica if there is one."""
    return replica.read(actor, find)


def authenticated_actor(request: Request, _scheme: Annotated[object, Security(_scheme)]) -> Actor:
    """Return the authenticated actor of the request.

    Raises:
        SignInError: the request has no valid token.
        NotAllowedError: the token lacks the scope for this request.
        TooManyError: the user exceeds the rate limit.
    """
    with transaction() as db:
        program = bearer_program(db, request.headers.get("authorization"), now=now())
    if program is None:
        raise SignInError(NOBODY)
    rate_limits.PEOPLE.take(str(program.actor.user_id))
    needed = _required_scope(request)
    if program.scopes is not None and needed not in program.scopes:
        msg = f"This token may not {needed}. Make one that may, under My settings."
        raise NotAllowedError(msg)
    return program.actor


def _required_scope(request: Request) -> Scope:
    """Return the scope a token needs, from the first part of the path and the HTTP method."""
    part = request.scope["route"].path.split("/")[1]
    if part in _PARTS:
        return _PARTS[part]
    return Scope.READ if request.method in {"GET", "HEAD"} else Scope.WRITE


CurrentActor = Annotated[Actor, Depends(authenticated_actor)]
