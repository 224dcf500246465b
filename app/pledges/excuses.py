"""Excusing single instalments of a pledge, and undoing that."""

from datetime import date

from app.accounts import Actor
from app.db import Session
from app.kit import formatting, text
from app.kit.errors import InvalidError
from app.pledges import read_model, service
from app.pledges.queries import pledges as queries
from app.pledges.queries import write as write_queries
from app.pledges.results import PledgeFilter
from app.pledges.rules import validation


def skip(
    db: Session,
    actor: Actor,
    *,
    pledge_id: int,
    due: date,
    reason: str | None = None,
    today: date,
    version: int | None = None,
) -> None:
    """Excuse one instalment: it is not expected any more.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: not visible, not editable, stale version.
        InvalidError: nothing is due that day.
    """
    pledge = service.lock(db, actor, pledge_id, version, today)
    subset = queries.PledgeSubset(pledge_ids=(pledge_id,))
    rows = queries.facts(db, actor, PledgeFilter(), today=today, subset=subset)
    due_text = formatting.day(due, today=today, locale=actor.locale)
    if due not in read_model.calendar_days(rows[0], until=due):
        msg = f"Nothing is due on {due_text}. Choose one of the pledge's due dates."
        raise InvalidError(msg)
    reason_note = text.note(reason, "The reason")
    write_queries.add_skip(
        db, pledge_id=pledge_id, donor_id=pledge.donor_id, due_on=due, reason=reason_note
    )
    write_queries.touch(db, pledge_id)
    sentence = f"Excused the instalment of {due_text}" + (
        f": {reason_note}" if reason_note else "."
    )
    after = {"due": due.isoformat(), "reason": reason_note}
    service.log_change(db, actor, pledge_id, pledge.donor_id, "skipped", sentence, after=after)
    service.changed.send(db, pledge_id, pledge.donor_id, today)


def unskip(db: Session, actor: Actor, *, pledge_id: int, due: date, today: date) -> None:
    """Expect an instalment again that was excused.

    Raises:
        NotFoundError, NotAllowedError: the pledge is not visible or not editable.
        InvalidError: the day cannot be meant.
    """
    validation.plausible_year(due)
    pledge = service.lock(db, actor, pledge_id, None, today)
    write_queries.remove_skip(db, pledge_id, due)
    write_queries.touch(db, pledge_id)
    due_text = formatting.day(due, today=today, locale=actor.locale)
    sentence = f"Asked again for the instalment of {due_text}."
    service.log_change(db, actor, pledge_id, pledge.donor_id, "unskipped", sentence)
    service.changed.send(db, pledge_id, pledge.donor_id, today)
