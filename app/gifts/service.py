"""Operations that change gifts: record and correct."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from app import alerts, audit, donors, pledges
from app.accounts import Actor
from app.db import Session
from app.db.exchange_rates import to_base
from app.db.models import Gift
from app.gifts import read_model, rules
from app.gifts import splits as gift_splits
from app.gifts.queries import write as write_queries
from app.gifts.results import Part, RecordedGift
from app.kit import formatting, text
from app.kit.errors import ConflictError, InvalidError, NotAllowedError
from app.kit.money import Money

NOT_GIFTABLE = (
    "You can see this donor but not record their gifts. Ask finance or an administrator."
)


def record(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    amount: Money,
    on: date,
    method: str | None = None,
    fund_id: int | None = None,
    pledge_id: int | None = None,
    note: str | None = None,
    splits: Sequence[Part] = (),
    today: date,
    now: datetime,
) -> RecordedGift:
    """Record a gift, link it, update the donor's status and resolve alerts.

    Without an explicit pledge, the donor's only fitting pledge takes the gift. A prospect becomes
    a donor; alerts the gift answers are resolved, and their tasks are closed.

    Raises:
        NotFoundError, NotAllowedError: the actor may not record gifts of this donor.
        InvalidError: a field is invalid; the message says which.
    """
    name = _giftable_donor_name(db, actor, donor_id)
    rules.check(amount, on, method, note, today=today)
    _check_links(db, donor_id, amount, pledge_id, fund_id, splits)
    base = to_base(db, amount, on)
    gift_id = write_queries.add(
        db,
        donor_id=donor_id,
        pledge_reason=None if pledge_id is None else "by hand",
        **_columns(amount, base, on, method, pledge_id, None if splits else fund_id, note),
    )
    gift_splits.add(db, gift_id, donor_id, base.minor, splits)
    settled = _link_and_settle(db, actor, gift_id, donor_id, amount, on, today=today, now=now)
    linked = write_queries.linked_pledge(db, gift_id)
    sentence = f"Recorded {formatting.money(amount, locale=actor.locale)} from {name}"
    sentence += ", towards the pledge." if linked else "."
    return RecordedGift(gift_id, donor_id, name, amount, linked, settled, sentence)


def _columns(
    amount: Money,
    base: Money,
    on: date,
    method: str | None,
    pledge_id: int | None,
    fund_id: int | None,
    note: str | None,
) -> dict[str, object]:
    """Return the columns of a gift that its form sets."""
    return {
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "base_minor": base.minor,
        "gift_date": on,
        "method": method,
        "pledge_id": pledge_id,
        "fund_id": fund_id,
        "note": text.note(note),
    }


def _link_and_settle(
    db: Session,
    actor: Actor,
    gift_id: int,
    donor_id: int,
    amount: Money,
    on: date,
    *,
    today: date,
    now: datetime,
) -> int:
    """Link a new gift, log it, resolve alerts, and return how many were resolved."""
    if write_queries.linked_pledge(db, gift_id) is None:
        pledges.match(db, gift_ids=[gift_id], today=today)
    donors.mark_as_donor(db, donor_id=donor_id)
    day = formatting.day(on, today=today, locale=actor.locale)
    sentence = f"Recorded a gift of {formatting.money(amount, locale=actor.locale)} on {day}."
    after = {"amount": str(amount), "currency": amount.currency, "on": on.isoformat()}
    log_change(db, actor, "recorded", gift_id, donor_id, sentence, after=after)
    linked = write_queries.linked_pledge(db, gift_id)
    concerned = write_queries.donors_concerned(db, donor_id, [linked])
    return alerts.settle(db, donor_ids=concerned, import_run_id=None, today=today, now=now)


def correct(
    db: Session,
    actor: Actor,
    *,
    gift_id: int,
    version: int,
    amount: Money,
    on: date,
    method: str | None,
    fund_id: int | None,
    pledge_id: int | None,
    note: str | None,
    today: date,
    now: datetime,
) -> None:
    """Correct a gift that was entered wrongly, or its pledge; the sums are updated.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
        ConflictError: someone saved since the form was opened.
        InvalidError: a value is invalid, or the gift is a reversal, split or reversed.
    """
    old = lock(db, actor, gift_id, version)
    rules.check(amount, on, method, note, today=today)
    # an unchanged fund may have been closed since
    other_fund = None if fund_id == old.fund_id else fund_id
    _check_links(db, old.donor_id, amount, pledge_id, other_fund, ())
    _check_correctable(db, old, amount, fund_id)
    old_amount, old_pledge = Money(old.amount_minor, old.currency), old.pledge_id
    before = _audit_values(old_amount, old.gift_date, old.method, old.pledge_id)
    write_queries.change(
        db,
        gift_id,
        **_columns(amount, to_base(db, amount, on), on, method, pledge_id, fund_id, note),
        **_pledge_reason(db, actor, old, pledge_id),
    )
    write_queries.move_reversals(db, gift_id, pledge_id)
    after = _audit_values(amount, on, method, pledge_id)
    log_change(db, actor, "corrected", gift_id, old.donor_id, "Corrected a gift.", before, after)
    review_alerts(db, old.donor_id, old_pledge, pledge_id, today=today, now=now)


def review_alerts(
    db: Session, donor_id: int, *pledge_ids: int | None, today: date, now: datetime
) -> None:
    """Update the alerts of a gift's donor, and of the donors of the pledges it pays or paid."""
    concerned = write_queries.donors_concerned(db, donor_id, pledge_ids)
    alerts.review(db, donor_ids=concerned, today=today, now=now)


def _audit_values(
    amount: Money, on: date, method: str | None, pledge_id: int | None
) -> dict[str, object]:
    day = on.isoformat()
    return {"amount": str(amount), "method": method, "on": day, "pledge_id": pledge_id}


def _pledge_reason(
    db: Session, actor: Actor, old: Gift, pledge_id: int | None
) -> dict[str, object]:
    """Return the columns with the new link reason; store a refusal for a removed link."""
    if pledge_id == old.pledge_id:
        return {}
    if old.pledge_id is not None:
        write_queries.refuse(
            db,
            gift_id=old.id,
            donor_id=old.donor_id,
            pledge_ids=(old.pledge_id,),
            by=actor.user_id,
        )
    return {"pledge_reason": None if pledge_id is None else "by hand"}


def _giftable_donor_name(db: Session, actor: Actor, donor_id: int) -> str:
    name = write_queries.giftable(db, actor, donor_id)
    if name is None:
        donors.require_visible(db, actor, donor_id)
        raise NotAllowedError(NOT_GIFTABLE)
    return name


def lock(db: Session, actor: Actor, gift_id: int, version: int | None = None) -> Gift:
    """Lock a gift row for a change and return it.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
        ConflictError: someone saved since `version`.
    """
    gift = write_queries.locked(db, actor, gift_id)
    if gift is None:
        read_model.get(db, actor, gift_id)
        raise NotAllowedError(NOT_GIFTABLE)
    if version is not None and gift.version != version:
        msg = "Someone else changed this gift while you were typing. Nothing was saved."
        raise ConflictError(msg)
    return gift


def _check_correctable(db: Session, old: Gift, amount: Money, fund_id: int | None) -> None:
    changed = (amount.minor, amount.currency) != (old.amount_minor, old.currency)
    if old.kind == "reversal" or (changed and write_queries.reversed_sums(db, old.id)[0]):
        msg = "A gift that was taken back keeps its amount. Record a new gift instead."
        raise InvalidError(msg)
    if write_queries.parts(db, old.id) and (changed or fund_id is not None):
        msg = "This gift is split between funds. Take it back and record it anew."
        raise InvalidError(msg)


def _check_links(
    db: Session,
    donor_id: int,
    amount: Money,
    pledge_id: int | None,
    fund_id: int | None,
    splits: Sequence[Part],
) -> None:
    if splits:
        rules.check_parts(amount, [part.amount for part in splits])
    all_fund_ids = {part.fund_id for part in splits} | {fund_id}
    fund_ids = {fund for fund in all_fund_ids if fund is not None}
    if fund_ids and write_queries.open_funds(db, fund_ids) < len(fund_ids):
        msg = "This fund does not exist or is closed."
        raise InvalidError(msg)
    appeals = {part.campaign_id for part in splits if part.campaign_id is not None}
    if appeals and write_queries.campaigns(db, appeals) < len(appeals):
        msg = "This campaign does not exist."
        raise InvalidError(msg)
    if pledge_id is not None:
        check_pledge(db, donor_id, amount.currency, pledge_id)


def check_pledge(db: Session, donor_id: int, currency: str, pledge_id: int) -> None:
    """Raise an error for a pledge that a donor's gift cannot pay.

    Raises:
        InvalidError: it belongs to another household, or is in another currency.
    """
    pledge_currency = write_queries.pledge_of(db, pledge_id, donor_id)
    if pledge_currency is None:
        msg = "This pledge is not one of this donor's, nor of the household."
        raise InvalidError(msg)
    if pledge_currency != currency:
        msg = f"This pledge is in {pledge_currency}, the gift in {currency}."
        raise InvalidError(msg)


def log_change(
    db: Session,
    actor: Actor,
    verb: str,
    gift_id: int,
    donor_id: int,
    sentence: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write a change of a gift to the audit log."""
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"gift.{verb}",
        entity="gift",
        entity_id=gift_id,
        donor_id=donor_id,
        sentence=sentence,
        before=before,
        after=after,
    )
