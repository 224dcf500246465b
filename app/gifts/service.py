"""Recording gifts, and what all changes of gifts share: locks, columns, alerts, audit."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from app import alerts, audit, donors, pledges
from app.accounts import Actor
from app.db import Session
from app.db.exchange_rates import hold_rates, to_base
from app.db.models import Gift
from app.gifts import checks, read_model, rules
from app.gifts import splits as gift_splits
from app.gifts.queries import write as write_queries
from app.gifts.results import NO_DETAILS, GiftDetails, Links, Part, RecordedGift
from app.kit import formatting, text
from app.kit.errors import ConflictError, NotAllowedError
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
    campaign_id: int | None = None,
    pledge_id: int | None = None,
    note: str | None = None,
    splits: Sequence[Part] = (),
    details: GiftDetails = NO_DETAILS,
    today: date,
    now: datetime,
) -> RecordedGift:
    """Record a gift, link it, update the donor's status and resolve alerts.

    Without an explicit pledge, the donor's only fitting pledge takes the gift. A prospect becomes
    a donor; alerts the gift answers are resolved, and their tasks are closed. No sum counts a gift
    in a foreign currency without an exchange rate.

    Raises:
        NotFoundError, NotAllowedError: the actor may not record gifts of this donor.
        InvalidError: a field is invalid; the message says which.
    """
    name = _giftable_donor_name(db, actor, donor_id)
    rules.check(amount, on, method, note, today=today)
    details = rules.checked_details(details, amount)
    parts = gift_splits.with_campaign(splits, campaign_id)
    links = Links(fund_id, campaign_id, pledge_id)
    checks.check_links(db, donor_id, amount, links, parts)
    base = to_base(db, amount, on)
    stored = columns(amount, base, on, method, note) | detail_columns(details)
    gift_id = _insert(db, donor_id, base, stored, links, parts)
    settled = _link_and_settle(db, actor, gift_id, donor_id, amount, on, today=today, now=now)
    linked = write_queries.linked_pledge(db, gift_id)
    sentence = _recorded(actor, amount, name, linked=linked, counted=base is not None)
    return RecordedGift(gift_id, donor_id, name, amount, linked, settled, sentence, base is None)


def _recorded(actor: Actor, amount: Money, name: str, *, linked: int | None, counted: bool) -> str:
    sentence = f"Recorded {formatting.money(amount, locale=actor.locale)} from {name}"
    sentence += ", towards the pledge." if linked else "."
    waits = f" It counts in no sum until {amount.currency} has an exchange rate."
    return sentence if counted else sentence + waits


def _insert(
    db: Session,
    donor_id: int,
    base: Money | None,
    stored: dict[str, object],
    links: Links,
    parts: Sequence[Part],
) -> int:
    """Insert a gift with its parts, which name the funds and campaigns, and return its id."""
    gift_id = write_queries.add(
        db,
        donor_id=donor_id,
        pledge_reason=None if links.pledge_id is None else "by hand",
        **stored,
        **stored_links(links, parts).columns(),
    )
    gift_splits.add(db, gift_id, donor_id, base, parts)
    return gift_id


def stored_links(links: Links, parts: Sequence[Part]) -> Links:
    """Return what the gift's own row links to: of a split gift only the pledge."""
    return Links(pledge_id=links.pledge_id) if parts else links


def detail_columns(details: GiftDetails) -> dict[str, object]:
    """Return the columns of a gift's details."""
    values: dict[str, object] = asdict(details)
    del values["fee"], values["receipt"]
    fee = None if details.fee is None else details.fee.minor
    return values | {"fee_minor": fee, "receipt_wanted": details.receipt}


def columns(
    amount: Money,
    base: Money | None,
    on: date,
    method: str | None,
    note: str | None,
) -> dict[str, object]:
    """Return the columns of a gift that its form sets."""
    return {
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "base_minor": base.minor if base else 0,
        "awaiting_rate": base is None,
        "gift_date": on,
        "method": method,
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


def review_alerts(
    db: Session, donor_id: int, *pledge_ids: int | None, today: date, now: datetime
) -> None:
    """Update the alerts of a gift's donor, and of the donors of the pledges it pays or paid."""
    concerned = write_queries.donors_concerned(db, donor_id, pledge_ids)
    alerts.review(db, donor_ids=concerned, today=today, now=now)


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


def lock_with_rates(db: Session, actor: Actor, gift_id: int, version: int | None = None) -> Gift:
    """Do the same as `lock` for a change of amounts; the rates stay as they are meanwhile."""
    hold_rates(db)
    return lock(db, actor, gift_id, version)


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
