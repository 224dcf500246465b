"""How a donor gives, as the list of donors says it: by the last score and by open alerts."""

from sqlalchemy import ColumnElement, and_, case, exists, or_

from app.db.models import Alert, Donor, DonorRhythm, DonorSummary
from app.donors.queries.scores import pledge_paused


def gives(chosen: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a donor gives in one of some ways."""
    scored = exists().where(DonorRhythm.donor_id == Donor.id, giving_now().in_(chosen))
    fits = and_(scored.correlate(Donor), ~pledge_late())
    if "never gave" in chosen:
        gave = exists().where(DonorSummary.donor_id == Donor.id, DonorSummary.gifts > 0)
        fits = or_(fits, ~gave.correlate(Donor))
    return or_(fits, pledge_late()) if "pledge late" in chosen else fits


def giving_now() -> ColumnElement[str]:
    """Name how a donor gives; who has paused a pledge or has died is not at risk."""
    worried = DonorRhythm.status.in_(("at risk", "slipping"))
    return case(
        (and_(worried, or_(Donor.deceased, pledge_paused(DonorRhythm.as_of))), "paused"),
        else_=DonorRhythm.status,
    )


def pledge_late() -> ColumnElement[bool]:
    """Whether an alert about a late promise speaks of the donor, louder than the rhythm."""
    alerting = exists().where(
        Alert.donor_id == Donor.id,
        Alert.kind == "late_pledge",
        Alert.state.in_(("open", "snoozed")),
    )
    return alerting.correlate(Donor)
