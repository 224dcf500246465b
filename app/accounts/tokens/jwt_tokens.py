"""JWT for programs: a short-lived access token, and a refresh token that each use replaces."""

import hmac
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import jwt

from app import audit
from app.accounts.authentication import mfa_policy
from app.accounts.authentication.sessions import digest
from app.accounts.authorization import Actor
from app.accounts.organisation import actor_by_id
from app.accounts.queries import jwt_tokens as queries
from app.accounts.users import admin_notices
from app.db import Session
from app.db.security.entering import set_system_identity
from app.settings import settings

ALGORITHM = "HS256"
ISSUER = "donorcrm"
ACCESS, REFRESH = "donorcrm:access", "donorcrm:refresh"
REQUIRED_CLAIMS = ("exp", "iat", "jti", "sub", "aud", "iss")
# Two tabs of one legitimate program may send the same refresh token at the same moment.
REUSE_GRACE = timedelta(seconds=10)
# The clocks of two servers of an installation may differ slightly.
CLOCK_SKEW = timedelta(seconds=10)
MAX_TOKEN_LENGTH = 2_000
_FAMILY_ID_FORMAT = re.compile(r"[\w-]{22}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens issued for a password or a refresh token; `expires_in` is in seconds."""

    access: str
    refresh: str
    expires_in: int


def access_lasts() -> timedelta:
    """Return the lifetime of an access token."""
    return timedelta(hours=1) if settings().debug else timedelta(minutes=15)


def refresh_lasts() -> timedelta:
    """Return the lifetime of a refresh token."""
    return timedelta(days=30) if settings().debug else timedelta(days=7)


def issue_tokens(db: Session, *, user_id: int, now: datetime) -> Tokens:
    """Open a token family for a user whose password was just verified; return its first tokens.

    Raises:
        MfaRequiredError: the role needs a second factor and the user has no codes.
    """
    mfa_policy.require_codes(db, user_id, now=now)
    if not queries.any_family(db, user_id):
        admin_notices.api_token_used(db, actor_by_id(db, user_id))
    family_id = secrets.token_urlsafe(16)
    tokens = _sign_tokens(family_id, user_id, nonce=secrets.token_urlsafe(16), now=now)
    queries.add_family(
        db,
        id=family_id,
        user_id=user_id,
        token_hash=digest(tokens.refresh),
        rotated_at=now,
        expires_at=now + refresh_lasts(),
    )
    return tokens


def refresh_tokens(db: Session, *, refresh: str, now: datetime) -> Tokens | None:
    """Exchange a refresh token for new tokens; return None when it is wrong, old or used.

    A token that was replaced longer ago than GRACE is treated as copied: its whole family is
    revoked. Within GRACE, a second tab gets the same tokens as the first.
    """
    family_id = _family_id(refresh, audience=REFRESH, now=now)
    row = family_id and queries.family_for_update(db, family_id, now)
    if not row or not family_id:
        return None
    refresh_hash = digest(refresh)
    if hmac.compare_digest(refresh_hash, row.token_hash):
        tokens = _next_tokens(refresh, family_id, row.user_id, now=now)
        queries.set_family(
            db,
            family_id,
            token_hash=digest(tokens.refresh),
            previous_hash=refresh_hash,
            rotated_at=now,
            expires_at=now + refresh_lasts(),
        )
        return tokens
    just_before = row.previous_hash is not None and hmac.compare_digest(
        refresh_hash, row.previous_hash
    )
    if just_before and now - row.rotated_at <= REUSE_GRACE:
        for key in settings().signing_keys:
            # SECRET_KEY may have been replaced between the two tabs
            tokens = _next_tokens(refresh, family_id, row.user_id, now=row.rotated_at, key=key)
            if hmac.compare_digest(digest(tokens.refresh), row.token_hash):
                return tokens
        return None
    queries.set_family(db, family_id, revoked_at=now, revoked_why="an old token")
    return None


def token_actor(db: Session, *, access: str, now: datetime) -> Actor | None:
    """Return the actor of an access token with a valid family, or None; called at every request.

    A transaction that had no user continues as this actor.

    Raises:
        MfaRequiredError: the user must have a second factor and has none.
    """
    family_id = _family_id(access, audience=ACCESS, now=now)
    user_id = family_id and queries.family_user_id(db, family_id, now)
    if not isinstance(user_id, int):
        return None
    actor = replace(actor_by_id(db, user_id), program=f"family:{family_id}")
    set_system_identity(db, actor)
    mfa_policy.require_factor(db, actor, now=now)
    return actor


def revoke_tokens(db: Session, *, refresh: str, now: datetime) -> None:
    """Revoke the family of a refresh token, and every access token with it."""
    family_id = _family_id(refresh, audience=REFRESH, now=now)
    row = queries.family_for_update(db, family_id, now) if family_id else None
    if family_id and row:
        queries.set_family(db, family_id, revoked_at=now, revoked_why="sign-out")
        audit.record_sign_out(db, user_id=row.user_id, sentence="Signed out of the API.")


def _next_tokens(
    refresh: str, family_id: str, user_id: int, *, now: datetime, key: str | None = None
) -> Tokens:
    """Return the successors of a refresh token, derived from it so that two tabs get the same."""
    key = key or settings().signing_key
    nonce = hmac.new(key.encode(), b"after:" + refresh.encode(), "sha256").hexdigest()
    return _sign_tokens(family_id, user_id, nonce=nonce, now=now, key=key)


def _sign_tokens(
    family_id: str, user_id: int, *, nonce: str, now: datetime, key: str | None = None
) -> Tokens:
    """Sign both tokens; the same arguments give the same tokens."""
    key = key or settings().signing_key

    def signed(audience: str, lasts: timedelta) -> str:
        issued_at = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": str(user_id),
            "jti": f"{family_id}.{nonce}",
            "iat": issued_at,
            "exp": issued_at + int(lasts.total_seconds()),
        }
        return jwt.encode(claims, key, algorithm=ALGORITHM)

    return Tokens(
        access=signed(ACCESS, access_lasts()),
        refresh=signed(REFRESH, refresh_lasts()),
        expires_in=int(access_lasts().total_seconds()),
    )


def _family_id(token: str, *, audience: str, now: datetime) -> str | None:
    """Return the family id of a token that is signed for this audience and valid now, or None."""
    claims = _claims(token, audience) if len(token) <= MAX_TOKEN_LENGTH else None
    if claims is None:
        return None
    family_id = str(claims["jti"]).partition(".")[0]
    well_formed = _FAMILY_ID_FORMAT.fullmatch(family_id)
    return family_id if well_formed and _is_current(claims, now) else None


def _claims(token: str, audience: str) -> dict[str, object] | None:
    """Return the claims of a token signed for this audience by any signing key, or None.

    The current key is tried first.
    """
    for key in settings().signing_keys:
        try:
            return _decode(token, key, audience)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, ValueError):
            return None
    return None


def _decode(token: str, key: str, audience: str) -> dict[str, object]:
    return jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=audience,
        issuer=ISSUER,
        # `_is_now` compares the times with `now`, so that the system clock is not used as well
        options={
            "require": list(REQUIRED_CLAIMS),
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        },
    )


def _is_current(claims: dict[str, object], now: datetime) -> bool:
    exp, iat, nbf = claims["exp"], claims["iat"], claims.get("nbf", 0)
    if not (isinstance(exp, int) and isinstance(iat, int) and isinstance(nbf, int)):
        return False
    return max(iat, nbf) <= (now + CLOCK_SKEW).timestamp() and now.timestamp() < exp
