"""Reversing gifts, fully or in part."""

from datetime import date, datetime
from typing import Any

from app import donors
from app.accounts import Actor
from app.db import Session
from app.gifts import rules, service, splits
from app.gifts.queries import write as write_queries
from app.kit import formatting, text
from app.kit.errors import InvalidError
from app.kit.money import Money


def reverse(
    db: Session,
    actor: Actor,
    *,
    gift_id: int,
    amount: Money | None = None,
    on: date,
    reason: str | None = None,
    today: date,
    now: datetime,
) -> int:
    """Reverse a gift, fully (no amount) or in part, and return the reversal's id.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the gift.
        InvalidError: more than is left, another currency, or an impossible day.
    """
    gift = service.lock(db, actor, gift_id)
    if gift.kind == "reversal":
        msg = "This entry is itself a reversal. Record a new gift instead."
        raise InvalidError(msg)
    reason = text.note(reason, "The reason")
    back, base = _taken(db, gift, amount, on, today=today)
    reversal_id = _add(db, gift, back, base, on, reason)
    spelled = formatting.money(back, locale=actor.locale)
    after = {"amount": str(-back), "on": on.isoformat(), "reason": reason, "gift": gift_id}
    said = f"Took back {spelled} of a gift."
    service.log_change(db, actor, "reversed", reversal_id, gift.donor_id, said, after=after)
    donors.gift_reversed(db, donor_id=gift.donor_id)
    service.review_alerts(db, gift.donor_id, gift.pledge_id, today=today, now=now)
    return reversal_id


def _taken(
    db: Session, gift: Any, amount: Money | None, on: date, *, today: date
) -> tuple[Money, int]:
    """Return the amount reversed, in the gift's currency and in base minor units."""
    gone, base_gone = write_queries.taken_back(db, gift.id)
    left = Money(gift.amount_minor - gone, gift.currency)
    back = left if amount is None else amount
    if back.currency != gift.currency:
        msg = f"This gift was given in {gift.currency}; it is taken back in {gift.currency}."
        raise InvalidError(msg)
    rules.check_reversal(back, left, on, gift.gift_date, today=today)
    base_left = gift.base_minor - base_gone
    return back, base_left if back == left else base_left * back.minor // left.minor


def _add(db: Session, gift: Any, back: Money, base: int, on: date, reason: str | None) -> int:
    """Insert the reversal of a gift with its parts and return its id."""
    reversal_id = write_queries.add(
        db,
        kind="reversal",
        donor_id=gift.donor_id,
        amount_minor=-back.minor,
        currency=gift.currency,
        base_minor=-base,
        gift_date=on,
        method=gift.method,
        fund_id=gift.fund_id,
        campaign_id=gift.campaign_id,
        pledge_id=gift.pledge_id,
        reverses_id=gift.id,
        note=reason,
    )
    splits.reverse(db, gift.id, reversal_id, gift.donor_id, back.minor, base)
    return reversal_id
