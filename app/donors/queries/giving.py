"""SQL of how a donor gives, for the list of donors: from the latest score and open alerts."""

from sqlalchemy import ColumnElement, and_, case, exists, or_

from app.db.models import Alert, Donor, DonorRhythm, DonorSummary
from app.donors.queries.scores import pledge_paused, scored_on


def gives_in_ways(ways: tuple[str, ...]) -> ColumnElement[bool]:
    """Return a condition: the donor gives in one of the chosen ways.

    A donor with a late pledge whose own giving has stopped is also found as "at risk".
    """
    scored = exists().where(DonorRhythm.donor_id == Donor.id, giving_now().in_(ways))
    condition = and_(scored.correlate(Donor), ~pledge_late())
    if "never gave" in ways:
        has_given = exists().where(DonorSummary.donor_id == Donor.id, DonorSummary.gifts > 0)
        # a household whose members give has a score without a gift of its own
        joint = exists().where(DonorRhythm.donor_id == Donor.id, Donor.kind == "household")
        condition = or_(condition, and_(~has_given.correlate(Donor), ~joint.correlate(Donor)))
    if "pledge late" in ways:
        return or_(condition, pledge_late())
    return or_(condition, _late_and_stopped()) if "at risk" in ways else condition


def _late_and_stopped() -> ColumnElement[bool]:
    """Return a condition: a pledge is late, and no other gifts show that the donor still gives.

    The gifts of a late pledge are not scored, so that a donor without others has no score.
    """
    has_given = exists().where(DonorSummary.donor_id == Donor.id, DonorSummary.gifts > 0)
    return and_(pledge_late(), has_given.correlate(Donor), ~still_gives())


def still_gives() -> ColumnElement[bool]:
    """Return a condition: the donor has a score, and it is no warning."""
    calm = exists().where(
        DonorRhythm.donor_id == Donor.id,
        DonorRhythm.status.not_in(("slipping", "at risk", "lapsed")),
    )
    return calm.correlate(Donor)


def giving_now() -> ColumnElement[str]:
    """Return how a donor gives; at-risk donors who are deceased or paused count as "paused"."""
    warned = DonorRhythm.status.in_(("at risk", "slipping"))
    return case(
        (and_(warned, or_(Donor.deceased, pledge_paused(scored_on()))), "paused"),
        else_=DonorRhythm.status,
    )


def pledge_late() -> ColumnElement[bool]:
    """Return a condition: an alert about a late pledge exists; it takes precedence over rhythm."""
    alert_exists = exists().where(
        Alert.donor_id == Donor.id,
        Alert.kind == "late_pledge",
        Alert.state.in_(("open", "snoozed")),
    )
    return alert_exists.correlate(Donor)
