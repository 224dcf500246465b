"""The one place that turns a person into a WHERE clause."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.db.models import Donor, TeamMember
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


EVERYTHING = frozenset({Role.FINANCE, Role.READ_ONLY, Role.ADMIN, Role.SYSTEM})
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
    if actor.role in EVERYTHING:
        return true()
    if actor.role == Role.SUPERVISOR:
        return or_(owner == actor.user_id, owner.in_(_team(actor)))
    # A coach reads a team without amounts: until screens without amounts exist, own donors only.
    return owner == actor.user_id


def editable_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to the donors this actor may change."""
    if actor.role in {Role.ADMIN, Role.SYSTEM}:
        return true()
    return Donor.owner_id == actor.user_id if actor.role in OWN_BOOK | {Role.FINANCE} else false()


def giftable_donors(actor: Actor) -> ColumnElement[bool]:
    """Restrict a select over `donor` to the donors whose gifts this actor may record."""
    return true() if actor.role == Role.FINANCE else editable_donors(actor)


def _team(actor: Actor) -> Select[int]:
    return select(TeamMember.member_id).where(
        TeamMember.lead_id == actor.user_id, TeamMember.kind == "supervisor"
    )


def require(actor: Actor, *roles: Role) -> None:
    """Refuse anyone whose role is not named.

    Raises:
        NotAllowedError: the actor's role is not among `roles`.
    """
    if actor.role not in roles:
        msg = "Your role does not allow this. Ask an administrator."
        raise NotAllowedError(msg)
