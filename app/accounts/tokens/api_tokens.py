"""Personal API tokens: named tokens for programs and calendars, each with a set of scopes."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app import audit
from app.accounts.authentication import mfa_policy
from app.accounts.authentication.sessions import digest
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, require_own
from app.accounts.organisation import actor_by_id
from app.accounts.queries import api_tokens as queries
from app.accounts.users import admin_notices
from app.db import Session
from app.db.security.entering import set_system_identity
from app.kit import text
from app.kit.errors import ConflictError, InvalidError, NotFoundError

PERSONAL_PREFIX = "dcrm_"
MAX_TOKENS = 20
MAX_NAME_LENGTH = 60
USED_EVERY = timedelta(minutes=1)
# older tokens end with a signature, which is not checked: tokens survive a change of SECRET_KEY
_TOKEN_FORMAT = re.compile(r"dcrm_[\w-]{43}(\.[0-9a-f]{32})?", re.ASCII)


class Scope(StrEnum):
    """A permission of a token; it never exceeds the user's own permissions."""

    READ = "read"
    WRITE = "write"
    IMPORT = "import"
    EXPORT = "export"
    # only the calendar feed of the user's own tasks
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class ApiTokenLine:
    """One token, as shown to its owner; the token itself is not stored."""

    id: int
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiTokenActor:
    """The actor and the scopes of a program; `scopes` None means everything the user may do."""

    actor: Actor
    scopes: frozenset[Scope] | None = None


def create_api_token(
    db: Session,
    actor: Actor,
    *,
    name: str,
    scopes: frozenset[Scope],
    now: datetime,
    lasts: timedelta | None = None,
) -> str:
    """Create a token for the actor and return it, only this once; `lasts` None: it never expires.

    Raises:
        InvalidError: the name is missing or invalid, or there is no scope. ConflictError: there
            are too many tokens. ConfirmFirstError: the actor must confirm the password first.
    """
    require_own(actor)
    name = _required_name(name)
    _require_creatable(db, actor, scopes, now=now)
    require_confirmed(db, actor, now=now)
    token = f"{PERSONAL_PREFIX}{secrets.token_urlsafe(32)}"
    token_id = queries.add(
        db,
        user_id=actor.user_id,
        name=name,
        token_hash=digest(token),
        scopes=sorted(scopes),
        created_at=now,
        expires_at=now + lasts if lasts else None,
    )
    uses = ", ".join(sorted(scopes))
    audit.record(
        db,
        actor_id=actor.user_id,
        action="token.opened",
        entity="token",
        entity_id=token_id,
        sentence=f"Made the token “{name}” for {uses}.",
    )
    admin_notices.new_token(db, actor, name=name, uses=uses)
    return token


def _require_creatable(
    db: Session, actor: Actor, scopes: frozenset[Scope], *, now: datetime
) -> None:
    if not scopes:
        msg = "Choose what the token may do."
        raise InvalidError(msg)
    if queries.count_of_user(db, actor.user_id, now) >= MAX_TOKENS:
        msg = f"{MAX_TOKENS} tokens are enough. End one that is not used any more."
        raise ConflictError(msg)


def _required_name(name: str) -> str:
    name = text.line(name, "The name", longest=MAX_NAME_LENGTH)
    if not name:
        msg = f"Name the program that will use the token, in at most {MAX_NAME_LENGTH} characters."
        raise InvalidError(msg)
    return name


def api_tokens(db: Session, actor: Actor, *, now: datetime) -> list[ApiTokenLine]:
    """Return the actor's own valid tokens, the newest first."""
    require_own(actor)
    return [
        ApiTokenLine(
            row.id,
            row.name,
            frozenset(map(Scope, row.scopes)),
            row.created_at,
            row.expires_at,
            row.last_used_at,
        )
        for row in queries.of_user(db, actor.user_id, now)
    ]


def revoke_api_token(db: Session, actor: Actor, *, token_id: int, now: datetime) -> None:
    """Revoke one of the actor's own tokens at once.

    Raises:
        NotFoundError: it is not the actor's, or was revoked.
    """
    require_own(actor)
    names = queries.end(db, user_id=actor.user_id, only=token_id, reason="by its owner", now=now)
    if not names:
        msg = "This token has ended already."
        raise NotFoundError(msg)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="token.ended",
        entity="token",
        entity_id=token_id,
        sentence=f"Ended the token “{names[0]}”.",
    )


def api_token_actor(db: Session, *, token: str, now: datetime) -> ApiTokenActor | None:
    """Return the actor and scopes of a valid token, or None; called at every request.

    A transaction that had no user continues as this actor. A malformed token is not looked up.

    Raises:
        MfaRequiredError: the user must have a second factor and has none.
    """
    if not _TOKEN_FORMAT.fullmatch(token):
        return None
    row = queries.by_hash(db, digest(token), now)
    if row is None:
        return None
    queries.record_use(db, row.id, now=now, before=now - USED_EVERY)
    actor = replace(actor_by_id(db, row.user_id), program=f"personal:{row.id}")
    set_system_identity(db, actor)
    mfa_policy.require_factor(db, actor, now=now)
    return ApiTokenActor(actor, frozenset(map(Scope, row.scopes)))
