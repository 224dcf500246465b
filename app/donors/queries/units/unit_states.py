"""SQL of how a person or household gives: a household by the joint giving of its members.

The nightly scoring scores a household with the gifts of all its members and its own. Until then
the member who gave last says how a new household gives.
"""

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.accounts import Actor, visible_owners
from app.db.models import Alert, Donor, DonorRhythm, DonorSummary
from app.donors.queries.giving import giving_now, pledge_late, still_gives
from app.donors.queries.scores import pledge_paused, scored_on

# the most of a household counts
_STATUSES = ("donor", "lapsed", "asked", "prospect", "declined")


def unit_status(actor: Actor) -> ColumnElement[str]:
    """Return the status of `donor`; of a household the first of its members' and its own."""
    member = aliased(Donor)
    order = func.array_position(literal(list(_STATUSES), ARRAY(Text)), member.status)
    joint = (
        select(member.status)
        .where(
            or_(member.household_id == Donor.id, member.id == Donor.id),
            visible_owners(actor, member.owner_id),
        )
        .order_by(order)
        .limit(1)
        .correlate(Donor)
        .scalar_subquery()
    )
    return case((Donor.kind == "household", joint), else_=Donor.status)


def unit_giving(actor: Actor) -> ColumnElement[str]:
    """Return how `donor` gives; needs a join to `donor_rhythm`."""
    warned = giving_now().in_(("at risk", "slipping"))
    return case(
        (DonorRhythm.donor_id.is_(None), _newest_member_giving(actor)),
        (and_(warned, _members_paused(actor)), "paused"),
        else_=giving_now(),
    )


def unit_late(actor: Actor) -> ColumnElement[bool]:
    """Return a condition: there is an alert about a late pledge of `donor` or of a member."""
    member = aliased(Donor)
    late = _of_members(actor, select(Alert.id).join(member, member.id == Alert.donor_id), member)
    late = late.where(Alert.kind == "late_pledge", Alert.state.in_(("open", "snoozed")))
    return or_(pledge_late(), late.correlate(Donor).exists())


def unit_gives_in_ways(actor: Actor, ways: tuple[str, ...]) -> ColumnElement[bool]:
    """Return a condition: `donor` gives in one of these ways, as `unit_giving` says it.

    As with a person, a late pledge of a unit that has stopped giving is also "at risk".
    """
    late = unit_late(actor)
    scored = select(unit_giving(actor)).where(DonorRhythm.donor_id == Donor.id)
    giving = func.coalesce(scored.correlate(Donor).scalar_subquery(), _newest_member_giving(actor))
    condition = and_(giving.in_(ways), ~late)
    if "never gave" in ways:
        condition = or_(condition, ~_has_given(actor))
    if "pledge late" in ways:
        return or_(condition, late)
    if "at risk" in ways:
        return or_(condition, and_(late, _has_given(actor), ~still_gives()))
    return condition


def _newest_member_giving(actor: Actor) -> ColumnElement[str]:
    member = aliased(Donor)
    rhythm = aliased(DonorRhythm)
    rows = select(rhythm.status).join(member, member.id == rhythm.donor_id)
    newest = _of_members(actor, rows, member).order_by(rhythm.last_gift.desc(), member.id)
    return newest.limit(1).correlate(Donor).scalar_subquery()


def _members_paused(actor: Actor) -> ColumnElement[bool]:
    """Return a condition: a member of `donor` has a paused pledge."""
    member = aliased(Donor)
    paused = select(member.id).where(pledge_paused(scored_on(), member))
    return _of_members(actor, paused, member).correlate(Donor, DonorRhythm).exists()


def _has_given(actor: Actor) -> ColumnElement[bool]:
    """Return a condition: `donor` or one of its members has a gift."""
    member = aliased(Donor)
    rows = select(DonorSummary.donor_id).join(member, member.id == DonorSummary.donor_id)
    gifts = rows.where(
        DonorSummary.gifts > 0,
        or_(
            member.id == Donor.id,
            and_(member.household_id == Donor.id, visible_owners(actor, member.owner_id)),
        ),
    )
    return gifts.correlate(Donor).exists()


def _of_members(actor: Actor, rows: Select[Any], member: type[Donor]) -> Select[Any]:
    return rows.where(member.household_id == Donor.id, visible_owners(actor, member.owner_id))
