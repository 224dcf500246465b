"""SQL of how a donor gives, for the list of donors: from the latest score and open alerts."""

from sqlalchemy import ColumnElement, and_, case, exists, or_

from app.db.models import Alert, Donor, DonorRhythm, DonorSummary
from app.donors.queries.scores import pledge_paused


def gives(chosen: tuple[str, ...]) -> ColumnElement[bool]:
    """Return a condition: the donor gives in one of the chosen ways."""
    scored = exists().where(DonorRhythm.donor_id == Donor.id, giving_now().in_(chosen))
    fits = and_(scored.correlate(Donor), ~pledge_late())
    if "never gave" in chosen:
        gave = exists().where(DonorSummary.donor_id == Donor.id, DonorSummary.gifts > 0)
        fits = or_(fits, ~gave.correlate(Donor))
    return or_(fits, pledge_late()) if "pledge late" in chosen else fits


def giving_now() -> ColumnElement[str]:
    """Return how a donor gives; at-risk donors who are deceased or paused count as "paused"."""
    worried = DonorRhythm.status.in_(("at risk", "slipping"))
    return case(
        (and_(worried, or_(Donor.deceased, pledge_paused(DonorRhythm.as_of))), "paused"),
        else_=DonorRhythm.status,
    )


def pledge_late() -> ColumnElement[bool]:
    """Return a condition: an alert about a late pledge exists; it takes precedence over rhythm."""
    alerting = exists().where(
        Alert.donor_id == Donor.id,
        Alert.kind == "late_pledge",
        Alert.state.in_(("open", "snoozed")),
    )
    return alerting.correlate(Donor)
