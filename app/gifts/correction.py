"""Correcting gifts: their amount and day, what they are for, their parts and details."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app.accounts import Actor
from app.db import Session
from app.db.exchange_rates import to_base
from app.db.models import Gift
from app.gifts import checks, rules, service
from app.gifts import splits as gift_splits
from app.gifts.queries import write as write_queries
from app.gifts.results import GiftDetails, Links, Part
from app.kit.money import Money


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
    campaign_id: int | None,
    pledge_id: int | None,
    note: str | None,
    splits: Sequence[Part] | None = None,
    details: GiftDetails | None = None,
    today: date,
    now: datetime,
) -> None:
    """Correct a gift; its parts (none: it is not split) and details stay if they are None.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
        ConflictError: someone saved since the form was opened.
        InvalidError: a value is invalid, or the gift is a reversal or reversed.
    """
    old = service.lock_with_rates(db, actor, gift_id, version)
    rules.check(amount, on, method, note, today=today)
    links, was_paying = Links(fund_id, campaign_id, pledge_id), old.pledge_id
    new = None if splits is None else gift_splits.with_campaign(splits, campaign_id)
    stored, parts = checks.check_correction(db, old, amount, links, new)
    base = to_base(db, amount, on)
    columns = service.columns(amount, base, on, method, note)
    if details is not None:
        columns |= service.detail_columns(rules.checked_details(details, amount))
    _store(db, actor, old, columns, links, base, stored, parts)
    service.review_alerts(db, old.donor_id, was_paying, pledge_id, today=today, now=now)


def _store(
    db: Session,
    actor: Actor,
    old: Gift,
    columns: dict[str, object],
    links: Links,
    base: Money | None,
    stored: Sequence[Part],
    parts: Sequence[Part],
) -> None:
    """Write a corrected gift, its parts and what its reversals are for, and log the change."""
    before = _audit_values({name: getattr(old, name) for name in columns}, _links(old), stored)
    links = service.stored_links(links, parts)
    reason = _pledge_reason(db, actor, old, links.pledge_id)
    write_queries.change(db, old.id, **columns, **links.columns(), **reason)
    if stored or parts:
        # also when only the base amount changed: each part has its share of it
        gift_splits.replace_parts(db, old.id, old.donor_id, base, parts)
    write_queries.move_reversals(db, old.id, **links.columns())
    after = _audit_values(columns, links, parts)
    sentence = "Corrected a gift."
    service.log_change(db, actor, "corrected", old.id, old.donor_id, sentence, before, after)


def _links(gift: Gift) -> Links:
    return Links(gift.fund_id, gift.campaign_id, gift.pledge_id)


def _audit_values(
    columns: Mapping[str, Any], links: Links, parts: Sequence[Part]
) -> dict[str, object]:
    """Return what the audit log keeps of a gift: no free text, which an erasure must find."""
    kept = ("method", "receipt_wanted", "check_number", "tribute")
    values = {name: columns[name] for name in kept if name in columns}
    currency = columns["currency"]
    values["amount"] = str(Money(columns["amount_minor"], currency))
    values["on"] = columns["gift_date"].isoformat()
    fee = columns.get("fee_minor")
    if fee is not None:
        values["fee"] = str(Money(fee, currency))
    if parts:
        values["parts"] = [
            {"amount": str(part.amount), "fund_id": part.fund_id, "campaign_id": part.campaign_id}
            for part in parts
        ]
    return values | links.columns()


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
