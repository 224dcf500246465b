"""Changes of a pledge's terms: frequency, day, grace days, fund and campaign, from a day on."""

from datetime import date

from app.accounts import Actor
from app.db import Session
from app.db.models import Pledge
from app.kit import formatting
from app.kit.dates import cadence
from app.kit.errors import InvalidError
from app.pledges import purposes, service
from app.pledges.queries import write as write_queries
from app.pledges.rules import validation

UNCHANGED = "That is how the pledge falls due already."


def change_terms(
    db: Session,
    actor: Actor,
    *,
    pledge_id: int,
    frequency: str,
    anchor: int | None = None,
    grace: int | None = None,
    fund_id: int | None = None,
    campaign_id: int | None = None,
    since: date,
    today: date,
    version: int | None = None,
) -> None:
    """Set new terms from a day on; earlier due dates stay as they were.

    From the pledge's first day on (or earlier) they are a correction of the original terms.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: not visible, not editable, stale version.
        InvalidError: nothing changes, a field is invalid, or the day is too early.
    """
    pledge = service.lock(db, actor, pledge_id, version, today)
    _validate(db, pledge, frequency, anchor, grace, since, fund_id, campaign_id)
    old = _current(pledge)
    new: dict[str, object] = {
        "frequency": frequency,
        "anchor_day": anchor or old["anchor_day"],
        "grace_days": grace,
        "fund_id": fund_id,
        "campaign_id": campaign_id,
    }
    if new == old:
        raise InvalidError(UNCHANGED)
    _store_old_terms(db, actor, pledge, since, today)
    write_queries.touch(db, pledge_id, **new)
    sentence, donor_id = _sentence(actor, frequency, since, today), pledge.donor_id
    new["since"] = since.isoformat()
    service.log_change(db, actor, pledge_id, donor_id, "terms_changed", sentence, old, new)
    service.changed.send(db, pledge_id, donor_id, today)


def _current(pledge: Pledge) -> dict[str, object]:
    """Return the columns with the terms that apply now."""
    return {
        "frequency": pledge.frequency,
        "anchor_day": pledge.anchor_day or pledge.start_date.day,
        "grace_days": pledge.grace_days,
        "fund_id": pledge.fund_id,
        "campaign_id": pledge.campaign_id,
    }


def _sentence(actor: Actor, frequency: str, since: date, today: date) -> str:
    """Return the sentence of the change for the audit log."""
    interval = cadence.INTERVALS[cadence.Frequency(frequency)]
    return f"Falls due {interval} from {formatting.day(since, today=today, locale=actor.locale)}."


def _store_old_terms(db: Session, actor: Actor, pledge: Pledge, since: date, today: date) -> None:
    """Store the terms that applied until a day, unless it is the start or the last change."""
    last = write_queries.last_terms(db, pledge.id)
    if last is not None and since < last:
        day = formatting.day(last, today=today, locale=actor.locale)
        msg = f"The pledge changed on {day}. Choose that day or a later one."
        raise InvalidError(msg)
    if since > pledge.start_date and since != last:
        write_queries.store_terms(db, pledge, until=since, by=actor.user_id or None)


def _validate(
    db: Session,
    pledge: Pledge,
    frequency: str,
    anchor: int | None,
    grace: int | None,
    since: date,
    fund_id: int | None,
    campaign_id: int | None,
) -> None:
    """Check the new terms; an unchanged fund or campaign may have been closed since."""
    validation.still_running(pledge.status)
    validation.terms(frequency, anchor, grace)
    validation.plausible_year(since)
    purposes.check(
        db,
        None if fund_id == pledge.fund_id else fund_id,
        None if campaign_id == pledge.campaign_id else campaign_id,
    )
