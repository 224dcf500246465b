"""Roles, actors, permission checks, and the WHERE clauses that restrict a query to an actor."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.db.models import Donor, ImportRun, TeamMember, User
from app.kit.errors import NotAllowedError
from app.kit.roles import Role


class MfaRequiredError(NotAllowedError):
    """The user has to set up a second factor, or sign in with it, first."""


SEES_ALL_DONORS = frozenset({Role.FINANCE, Role.READ_ONLY, Role.ADMIN, Role.SYSTEM})
AUDITORS = (Role.ADMIN, Role.FINANCE)
# roles that may act on donors; the others only read
DOERS = frozenset({Role.FUNDRAISER, Role.SUPERVISOR, Role.ADMIN})
OWNS_DONORS = frozenset({Role.FUNDRAISER, Role.SUPERVISOR, Role.COACH})


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting user, or the scheduler acting for one."""

    user_id: int
    role: Role
    name: str = ""
    email: str = ""
    time_zone: str = "UTC"
    locale: str = "en_US"
    # the optional modules that the organisation has switched on
    modules: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    # View as: the user who impersonates this one
    viewer_id: int | None = None
    viewer_name: str = ""
    # the reading user, when the scope is narrowed to another user's donors
    reader: "Actor | None" = None
    # the session in which this user acts; None for a command, an API token, the scheduler
    session_id: str | None = field(default=None, compare=False, repr=False)
    # the API token in use: "family:<id>" of JWT tokens, "personal:<id>" of a personal token
    program: str | None = field(default=None, compare=False, repr=False)
    # when two-factor authentication becomes mandatory for a session that was opened without it;
    # from then on (`must_set_up`) nothing but setting it up is allowed
    set_up_by: datetime | None = field(default=None, compare=False, repr=False)
    must_set_up: bool = False

    @property
    def looking(self) -> bool:
        """Return whether this is a View as, in which nothing may be changed."""
        return self.viewer_id is not None

    @property
    def sees_amounts(self) -> bool:
        """Return whether this user may see amounts; a coach may not, on any screen or mail."""
        return self.role != Role.COACH

    @property
    def sees_everyone(self) -> bool:
        """Return whether this user sees all donors of the organisation."""
        return self.role in SEES_ALL_DONORS


SYSTEM = Actor(0, Role.SYSTEM, "DonorCRM")


def visible_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to the donors this actor may see."""
    return visible_owners(actor, Donor.owner_id)


def visible_owners(
    actor: Actor, owner: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Restrict an owner column (donor, donor_summary, owner_month) to owners the actor may see."""
    if actor.must_set_up:
        return false()
    if actor.role in SEES_ALL_DONORS:
        return true()
    if actor.role in {Role.SUPERVISOR, Role.COACH}:
        return or_(owner == actor.user_id, owner.in_(_team(actor)))
    return owner == actor.user_id


def visible_to_user(
    owner: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Return `visible_owners` for the user of each row of a select over `app_user`."""
    member = select(TeamMember.member_id).where(
        TeamMember.lead_id == User.id, TeamMember.kind == User.role
    )
    return or_(User.role.in_(SEES_ALL_DONORS), owner == User.id, owner.in_(member.correlate(User)))


def visible_amounts(
    actor: Actor, owner: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Restrict a list or sum of amounts by its owner column; empty without a right to amounts."""
    return visible_owners(actor, owner) if actor.sees_amounts else false()


def editable_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to donors this actor may change; erased ones are excluded."""
    return _writable_donors(actor) & Donor.erased_at.is_(None)


def _writable_donors(actor: Actor) -> ColumnElement[bool]:
    if actor.looking or actor.must_set_up:
        return false()
    if actor.role in {Role.ADMIN, Role.SYSTEM}:
        return true()
    return (
        Donor.owner_id == actor.user_id if actor.role in OWNS_DONORS | {Role.FINANCE} else false()
    )


def giftable_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to the donors whose gifts this actor may record."""
    if not actor.sees_amounts:
        return false()
    # a refund of an erased donor may still arrive
    anybody = actor.role == Role.FINANCE and not (actor.looking or actor.must_set_up)
    return true() if anybody else _writable_donors(actor)


def visible_imports(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `import_run` to the imports this actor may see."""
    if actor.must_set_up:
        return false()
    sees_all = actor.role in {Role.ADMIN, Role.SYSTEM}
    return true() if sees_all else ImportRun.user_id == actor.user_id


def users_to_impersonate(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over accounts to those this actor may impersonate.

    A View as must not show more than the actor's own account does, so supervisors may choose only
    fundraisers of their team, and a View as inside a View as is not possible.
    """
    if actor.looking or actor.must_set_up or actor.role not in {Role.ADMIN, Role.SUPERVISOR}:
        return false()
    if actor.role == Role.ADMIN:
        return (User.role != Role.ADMIN) & User.active
    return (User.role == Role.FUNDRAISER) & User.active & User.id.in_(_team(actor))


def _team(actor: Actor) -> Select[int]:
    return select(TeamMember.member_id).where(
        TeamMember.lead_id == actor.user_id, TeamMember.kind == str(actor.role)
    )


def require(actor: Actor, *roles: Role) -> None:
    """Raise unless the actor has one of the roles.

    Raises:
        NotAllowedError: the actor's role is not among `roles`, or this is a View as.
        MfaRequiredError: the session may only set up two-factor authentication.
    """
    require_own(actor)
    if actor.role not in roles:
        msg = "Your role does not allow this. Ask an administrator."
        raise NotAllowedError(msg)


def require_set_up(actor: Actor) -> None:
    """Raise if the session may only set up two-factor authentication.

    Raises:
        MfaRequiredError: a second factor is mandatory and the session was opened without.
    """
    if actor.must_set_up:
        msg = "Your role needs two-factor authentication. Open DonorCRM and set it up first."
        raise MfaRequiredError(msg)


def require_own(actor: Actor, *, setting_up: bool = False) -> None:
    """Raise if the actor is impersonated (a View as).

    With `setting_up` a session that may only set up two-factor authentication is allowed as well.

    Raises:
        NotAllowedError: this is a View as.
        MfaRequiredError: the session may only set up two-factor authentication.
    """
    if not setting_up:
        require_set_up(actor)
    if actor.looking:
        msg = f"You are viewing as {actor.name}, read-only. End View as to change something."
        raise NotAllowedError(msg)
