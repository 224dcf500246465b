"""Operations that change pledges. None of them changes a recorded gift."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app import audit, donors
from app.accounts import Actor
from app.db import Session
from app.db.exchange_rates import require_rate
from app.db.models import Pledge
from app.kit import formatting, text
from app.kit.dates import cadence
from app.kit.errors import ConflictError, NotAllowedError
from app.kit.hooks import Hook
from app.kit.money import Money
from app.pledges import purposes, read_model
from app.pledges.queries import pledges as queries
from app.pledges.queries import write as write_queries
from app.pledges.results import PledgeFilter
from app.pledges.rules import schedule, validation

# sent with pledge and donor id after a change that can end lateness, in its transaction
changed: Hook[Session, int, int, date] = Hook()
NOT_EDITABLE = (
    "You can see this pledge but not change it. Ask the donor's owner or an administrator."
)


def create(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    amount: Money,
    frequency: str,
    start: date,
    anchor: int | None = None,
    end: date | None = None,
    instalments: int | None = None,
    total: Money | None = None,
    fund_id: int | None = None,
    campaign_id: int | None = None,
    method: str | None = None,
    note: str | None = None,
    grace: int | None = None,
) -> int:
    """Create a pledge and return its id.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the donor.
        InvalidError: a field is invalid; the message says which.
    """
    donors.require_visible(db, actor, donor_id)
    if not write_queries.is_editable_donor(db, actor, donor_id):
        raise NotAllowedError(NOT_EDITABLE.replace("pledge", "donor", 1))
    validation.new_pledge(amount, frequency, start, anchor, end, instalments, total, method)
    validation.terms(frequency, anchor, grace)
    require_rate(db, amount.currency)
    purposes.check(db, fund_id, campaign_id)
    values = _schedule_columns(amount, frequency, start, anchor, end, instalments, total)
    values |= {"fund_id": fund_id, "campaign_id": campaign_id, "grace_days": grace}
    values |= {"method": method, "note": text.note(note)}
    pledge_id = write_queries.add(db, donor_id=donor_id, **values)
    interval = cadence.INTERVALS[cadence.Frequency(frequency)]
    sentence = f"Promised {formatting.money(amount, locale=actor.locale)} {interval}."
    log_change(db, actor, pledge_id, donor_id, "created", sentence, after=as_json(values))
    return pledge_id


def _schedule_columns(
    amount: Money,
    frequency: str,
    start: date,
    anchor: int | None,
    end: date | None,
    instalments: int | None,
    total: Money | None,
) -> dict[str, object]:
    """Return the columns that say how much is promised and when it falls due."""
    return {
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "frequency": frequency,
        "start_date": start,
        "anchor_day": anchor,
        "end_date": end,
        "instalments": instalments,
        "total_minor": total.minor if total else None,
    }


def change_amount(
    db: Session,
    actor: Actor,
    *,
    pledge_id: int,
    amount: Money,
    since: date,
    today: date,
    correction: bool = False,
    version: int | None = None,
) -> None:
    """Set a new amount from a day on; the earlier amounts remain in the history.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: not visible, not editable, stale version.
        InvalidError: the same amount, another currency, or a day before the pledge began.
    """
    pledge = lock(db, actor, pledge_id, version, today)
    old = _amount_before(db, actor, pledge, since)
    validation.new_amount(amount, old, since, pledge.start_date)
    is_upgrade = old < amount
    reason = "correction" if correction else "upgrade" if is_upgrade else "downgrade"
    write_queries.put_amount(
        db,
        pledge_id=pledge_id,
        donor_id=pledge.donor_id,
        effective_from=since,
        amount_minor=amount.minor,
        reason=reason,
        created_by=actor.user_id or None,
    )
    write_queries.touch(db, pledge_id)
    amount_text = formatting.money(amount, locale=actor.locale)
    since_text = formatting.day(since, today=today, locale=actor.locale)
    sentence = f"{reason.capitalize()} to {amount_text} from {since_text}."
    before, after = {"amount": str(old)}, {"amount": str(amount), "since": since.isoformat()}
    log_change(db, actor, pledge_id, pledge.donor_id, "amount_changed", sentence, before, after)
    changed.send(db, pledge_id, pledge.donor_id, today)


def _amount_before(db: Session, actor: Actor, pledge: Pledge, since: date) -> Money:
    """Return the amount in force on the day from which a new amount holds."""
    day = max(pledge.start_date, since)
    subset = queries.PledgeSubset(pledge_ids=(pledge.id,))
    rows = queries.facts(db, actor, PledgeFilter(), today=day, subset=subset)
    return Money(schedule.amount_on(read_model.rule_pledge(rows[0]), day), pledge.currency)


def pause(
    db: Session,
    actor: Actor,
    *,
    pledge_id: int,
    start: date,
    end: date | None = None,
    reason: str | None = None,
    today: date,
    version: int | None = None,
) -> None:
    """Pause a pledge from `start` to `end`, both included; without an end until resumed.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: not visible, not editable, stale version.
        InvalidError: it ends before it begins, or the pledge has ended.
    """
    pledge = lock(db, actor, pledge_id, version, today)
    validation.still_running(pledge.status)
    validation.pause(start, end)
    write_queries.add_pause(
        db,
        pledge_id=pledge_id,
        donor_id=pledge.donor_id,
        starts_on=start,
        ends_on=end,
        reason=text.note(reason, "The reason"),
    )
    write_queries.touch(db, pledge_id)
    dates = [formatting.day(day, today=today, locale=actor.locale) for day in (start, end) if day]
    sentence = f"Paused from {' to '.join(dates)}."
    after = {"from": start.isoformat(), "to": end.isoformat() if end else None}
    log_change(db, actor, pledge_id, pledge.donor_id, "paused", sentence, after=after)
    changed.send(db, pledge_id, pledge.donor_id, today)


def resume(
    db: Session, actor: Actor, *, pledge_id: int, on: date, version: int | None = None
) -> None:
    """Resume a pledge from a day on; the pause ends the day before.

    A pledge imported with the status "paused" is taken as paused since its first open instalment.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: not visible, not editable, stale version.
        InvalidError: the pledge has ended, or the day cannot be meant.
    """
    validation.plausible_year(on)
    pledge = lock(db, actor, pledge_id, version, on)
    validation.still_running(pledge.status)
    yesterday = on - timedelta(days=1)
    if pledge.status == "paused":
        since = read_model.first_open(db, actor, pledge_id, today=on)
        if since is not None and since <= yesterday:
            write_queries.add_pause(
                db,
                pledge_id=pledge_id,
                donor_id=pledge.donor_id,
                starts_on=since,
                ends_on=yesterday,
                reason=None,
            )
    write_queries.end_pauses(db, pledge_id, yesterday)
    write_queries.touch(db, pledge_id, status="active")
    log_change(db, actor, pledge_id, pledge.donor_id, "resumed", "Resumed the pledge.")
    changed.send(db, pledge_id, pledge.donor_id, on)


def end(
    db: Session,
    actor: Actor,
    *,
    pledge_id: int,
    on: date,
    completed: bool = False,
    reason: str | None = None,
    today: date,
    version: int | None = None,
) -> None:
    """End a pledge after a day; its gifts stay linked.

    Until a later day it goes on: its instalments are expected, and may become late.

    Raises:
        NotFoundError, NotAllowedError, ConflictError: not visible, not editable, stale version.
        InvalidError: it has ended already, or the day is before it began.
    """
    pledge = lock(db, actor, pledge_id, version, today)
    validation.still_running(pledge.status)
    validation.end(on, pledge.start_date)
    before = pledge.status
    status = before if on > today else "completed" if completed else "cancelled"
    write_queries.touch(db, pledge_id, status=status, end_date=on)
    reason_note = text.note(reason, "The reason")
    sentence = "Completed the pledge" if completed else "Ended the pledge"
    if on > today:
        sentence = f"The pledge ends on {formatting.day(on, today=today, locale=actor.locale)}"
    sentence += f": {reason_note}" if reason_note else "."
    after = {"status": status, "end": on.isoformat(), "reason": reason_note}
    verb = "ending" if on > today else status
    log_change(db, actor, pledge_id, pledge.donor_id, verb, sentence, {"status": before}, after)
    changed.send(db, pledge_id, pledge.donor_id, today)


def lock(db: Session, actor: Actor, pledge_id: int, version: int | None, today: date) -> Pledge:
    """Lock a pledge row for a change and return it.

    Raises:
        NotFoundError, NotAllowedError: not visible to the actor, or not editable.
        ConflictError: someone saved since `version`.
    """
    pledge = write_queries.locked(db, actor, pledge_id)
    if pledge is None:
        read_model.get(db, actor, pledge_id, today=today)
        raise NotAllowedError(NOT_EDITABLE)
    if version is not None and pledge.version != version:
        msg = "Someone else changed this pledge while you were typing. Nothing was saved."
        raise ConflictError(msg)
    return pledge


def as_json(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values that are set, as JSON values for the audit log."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value is not None
    }


def log_change(
    db: Session,
    actor: Actor,
    pledge_id: int,
    donor_id: int,
    verb: str,
    sentence: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write a change of a pledge to the audit log."""
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"pledge.{verb}",
        entity="pledge",
        entity_id=pledge_id,
        donor_id=donor_id,
        sentence=sentence,
        before=before,
        after=after,
    )
