"""The one place that turns a person into a WHERE clause."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.db.models import Donor, TeamMember, User
from app.kit.errors import NotAllowedError


class Role(StrEnum):
    """What a person is here for."""

    FUNDRAISER = "fundraiser"
    SUPERVISOR = "supervisor"
    COACH = "coach"
    FINANCE = "finance"
    READ_ONLY = "read_only"
    ADMIN = "admin"
    # the scheduler, acting for nobody
    SYSTEM = "system"


class SecondFactorNeededError(NotAllowedError):
    """The person has to set up, or sign in with, a second factor first."""


EVERYTHING = frozenset({Role.FINANCE, Role.READ_ONLY, Role.ADMIN, Role.SYSTEM})
AUDITORS = (Role.ADMIN, Role.FINANCE)
# who may do something about donors; the others only read
DOERS = frozenset({Role.FUNDRAISER, Role.SUPERVISOR, Role.ADMIN})
OWN_BOOK = frozenset({Role.FUNDRAISER, Role.SUPERVISOR, Role.COACH})


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person, or the scheduler acting for one."""

    user_id: int
    role: Role
    name: str = ""
    email: str = ""
    time_zone: str = "UTC"
    locale: str = "en_US"
    # View as: who looks at the app as this person
    viewer_id: int | None = None
    viewer_name: str = ""
    # who reads, where the sight is narrowed to somebody else's donors
    reader: "Actor | None" = None
    # the signed-in session this person acts in; None for a command, an API token, the scheduler
    session_id: str | None = field(default=None, compare=False, repr=False)
    # the API token they act by: "family:<id>" of a sign-in, "personal:<id>" of one's own
    program: str | None = field(default=None, compare=False, repr=False)
    # the role needs two-factor authentication and the session was opened without: from this
    # moment on; once it has come, nothing but setting it up is allowed
    set_up_by: datetime | None = field(default=None, compare=False, repr=False)
    must_set_up: bool = False

    @property
    def looking(self) -> bool:
        """Whether somebody else looks at the app as this person, and may change nothing."""
        return self.viewer_id is not None

    @property
    def sees_amounts(self) -> bool:
        """Whether this person is shown money at all; a coach is not, on any screen or mail."""
        return self.role != Role.COACH

    @property
    def sees_everyone(self) -> bool:
        """Whether the whole organisation's donors are in sight."""
        return self.role in EVERYTHING


SYSTEM = Actor(0, Role.SYSTEM, "DonorCRM")


def visible_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to the donors this actor may see."""
    return visible_owners(actor, Donor.owner_id)


def visible_owners(
    actor: Actor, owner: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Restrict any column that holds an owner (donor, donor_summary, owner_month)."""
    if actor.must_set_up:
        return false()
    if actor.role in EVERYTHING:
        return true()
    if actor.role in {Role.SUPERVISOR, Role.COACH}:
        return or_(owner == actor.user_id, owner.in_(_team(actor)))
    return owner == actor.user_id


def visible_amounts(
    actor: Actor, owner: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Restrict a list or sum of money by its owner's column; nothing for who sees no amounts."""
    return visible_owners(actor, owner) if actor.sees_amounts else false()


def editable_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to the donors this actor may change; none that is erased."""
    return _changeable(actor) & Donor.erased_at.is_(None)


def _changeable(actor: Actor) -> ColumnElement[bool]:
    if actor.looking or actor.must_set_up:
        return false()
    if actor.role in {Role.ADMIN, Role.SYSTEM}:
        return true()
    return Donor.owner_id == actor.user_id if actor.role in OWN_BOOK | {Role.FINANCE} else false()


def giftable_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to the donors whose gifts this actor may record."""
    if not actor.sees_amounts:
        return false()
    # a refund of somebody erased may still come in
    anybody = actor.role == Role.FINANCE and not (actor.looking or actor.must_set_up)
    return true() if anybody else _changeable(actor)


def viewable_people(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over accounts to those this actor may look at the app as.

    Nobody may see more through another's eyes than through their own, so a supervisor's choice
    is fundraisers alone, and there is no View as inside a View as.
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
    """Refuse anyone whose role is not named.

    Raises:
        NotAllowedError: the actor's role is not among `roles`, or somebody only looks as them.
        SecondFactorNeededError: the session may only set up two-factor authentication.
    """
    require_own(actor)
    if actor.role not in roles:
        msg = "Your role does not allow this. Ask an administrator."
        raise NotAllowedError(msg)


def require_set_up(actor: Actor) -> None:
    """Refuse a session that may only set up two-factor authentication.

    Raises:
        SecondFactorNeededError: it is one.
    """
    if actor.must_set_up:
        msg = "Your role needs two-factor authentication. Open DonorCRM and set it up first."
        raise SecondFactorNeededError(msg)


def require_own(actor: Actor, *, setting_up: bool = False) -> None:
    """Refuse whoever only looks at the app as this person.

    `setting_up` is for what a session may do that has no second factor yet.

    Raises:
        NotAllowedError: this is a View as.
        SecondFactorNeededError: the session may only set up two-factor authentication.
    """
    if not setting_up:
        require_set_up(actor)
    if actor.looking:
        msg = f"You are looking as {actor.name}, and only looking. End it to change something."
        raise NotAllowedError(msg)
