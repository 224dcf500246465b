"""Policy of the organisation that requires two-factor authentication for some roles.

After the grace days, a session opened with the password alone may only set up a second factor,
and API tokens of a user without one are refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from app import audit
from app.accounts.authentication.step_up import require_confirmed
from app.accounts.authorization import Actor, MfaRequiredError, require, require_own
from app.accounts.organisation import organisation
from app.accounts.queries import mfa_policy as queries
from app.accounts.queries.mfa_policy import Factors
from app.db import Session
from app.kit.errors import ConflictError, InvalidError
from app.kit.formatting import count
from app.kit.roles import USER_ROLES, Role

MAX_GRACE_DAYS = 14


@dataclass(frozen=True, slots=True)
class MfaPolicy:
    """The roles that need a second factor, each with its start, and the days of grace."""

    since: dict[Role, datetime]
    grace_days: int


class MfaRequirement(TypedDict):
    """The fields of an actor that state whether and when a second factor has to be set up."""

    must_set_up: bool
    set_up_by: datetime | None


def current_mfa_policy(db: Session) -> MfaPolicy:
    """Return the organisation's policy."""
    required_since, grace_days = queries.policy_row(db)
    return MfaPolicy(
        {Role(role): datetime.fromisoformat(moment) for role, moment in required_since.items()},
        grace_days,
    )


def save_mfa_policy(
    db: Session, actor: Actor, *, roles: Collection[str], grace_days: int, now: datetime
) -> None:
    """Require a second factor for these roles and for no others.

    A user's grace days begin when the role first requires one, or when the account is created
    later.

    Raises:
        InvalidError: a role is unknown, or the number of days is out of range.
        ConfirmFirstError: the actor must confirm the password first.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    if not set(roles) <= set(USER_ROLES):
        msg = "Choose from the roles people can have."
        raise InvalidError(msg)
    if not 0 <= grace_days <= MAX_GRACE_DAYS:
        msg = f"Give people 0 to {MAX_GRACE_DAYS} days."
        raise InvalidError(msg)
    before, days = queries.policy_row(db, lock=True)
    after = {str(role): before.get(str(role), now.isoformat()) for role in sorted(roles)}
    if (before, days) == (after, grace_days):
        return
    require_confirmed(db, actor, now=now)
    queries.save_policy(
        db, name=organisation(db).name, required_since=after, grace_days=grace_days
    )
    audit.record(
        db,
        actor_id=actor.user_id,
        action="organisation.mfa_policy_changed",
        entity="organisation",
        entity_id=1,
        sentence=_policy_sentence(after, grace_days),
        before={"roles": sorted(before), "grace_days": days},
        after={"roles": sorted(after), "grace_days": grace_days},
    )


def factors_by_user(db: Session, actor: Actor) -> dict[int, Factors]:
    """Return the second factors of all users by user id. Administrators only."""
    require(actor, Role.ADMIN, Role.SYSTEM)
    return queries.factors(db)


def own_factors(db: Session, actor: Actor) -> Factors:
    """Return the actor's own second factors."""
    require_own(actor, setting_up=True)
    return factors_of(db, actor.user_id)


def factors_of(db: Session, user_id: int) -> Factors:
    """Return a user's second factors."""
    return queries.factors(db, [user_id]).get(user_id, Factors())


def mfa_requirement(due: datetime | None, *, now: datetime) -> MfaRequirement:
    """Return the fields of an actor for the moment at which a second factor is due."""
    return {"must_set_up": due is not None and due <= now, "set_up_by": due}


def require_factor(db: Session, actor: Actor, *, now: datetime) -> None:
    """Raise if an API token's user must have a second factor and has none.

    Raises:
        MfaRequiredError: the factor is due and missing.
    """
    own = factors_of(db, actor.user_id)
    if own.due is not None and own.due <= now and not own.exist:
        msg = (
            "Two-factor authentication is required for your role. Sign in to DonorCRM and set it "
            "up; your tokens work again afterwards."
        )
        raise MfaRequiredError(msg)


def require_codes(db: Session, user_id: int, *, now: datetime) -> None:
    """Refuse tokens for a password alone to a user whose role needs a second factor.

    Raises:
        MfaRequiredError: the role needs one, and the sign-in requires no code.
    """
    own = factors_of(db, user_id)
    if own.due is not None and own.due <= now and not own.codes:
        msg = (
            "Two-factor authentication is required for your role. Set up codes under My settings, "
            "or make an API token there."
        )
        raise MfaRequiredError(msg)


def require_addable(db: Session, actor: Actor) -> None:
    """Raise if a session opened without the user's existing second factor would add another.

    Otherwise the password alone would be enough to add one.

    Raises:
        MfaRequiredError: the user has to sign in with the existing factor.
    """
    if actor.must_set_up and factors_of(db, actor.user_id).exist:
        msg = "You have a second factor already. Sign in with it first."
        raise MfaRequiredError(msg)


def factor_added(db: Session, actor: Actor) -> None:
    """Mark the actor's session as opened with two factors after a factor was added."""
    if actor.session_id is not None:
        queries.mark_sessions(db, user_id=actor.user_id, two_factor=True, only=actor.session_id)


def require_not_last(db: Session, user_id: int, *, codes: int = 0, passkeys: int = 0) -> None:
    """Raise if removing these factors would leave none although the role needs one.

    Raises:
        ConflictError: no second factor would be left.
    """
    queries.lock_user(db, user_id)
    own = factors_of(db, user_id)
    remaining = own.codes - codes + own.passkeys - passkeys
    if own.due is not None and remaining <= 0:
        msg = (
            "Two-factor authentication is required for your role, and this is your last second "
            "factor. Set up another one first."
        )
        raise ConflictError(msg)


def factor_removed(db: Session, user_id: int) -> None:
    """Mark the user's sessions as opened without two factors if no factor is left."""
    if not factors_of(db, user_id).exist:
        queries.mark_sessions(db, user_id=user_id, two_factor=False)


def _policy_sentence(required_since: dict[str, str], grace_days: int) -> str:
    if not required_since:
        return "Two-factor authentication is required for no role."
    roles = ", ".join(role.replace("_", " ") for role in required_since)
    return (
        f"Two-factor authentication is required for: {roles}; people have "
        f"{count(grace_days, 'day')} to set it up."
    )
