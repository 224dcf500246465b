"""Reversing gifts, fully or in part."""

from datetime import date, datetime

from app import donors
from app.accounts import Actor
from app.db import Session
from app.db.models import Gift
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
    gift = service.lock_with_rates(db, actor, gift_id)
    if gift.kind == "reversal":
        msg = "This entry is itself a reversal. Record a new gift instead."
        raise InvalidError(msg)
    reason = text.note(reason, "The reason")
    reversed_amount, base = _reversal_amounts(db, gift, amount, on, today=today)
    reversal_id = _add_reversal(db, gift, reversed_amount, base, on, reason)
    amount_text = formatting.money(reversed_amount, locale=actor.locale)
    after = {
        "amount": str(-reversed_amount),
        "on": on.isoformat(),
        "reason": reason,
        "gift": gift_id,
    }
    sentence = f"Took back {amount_text} of a gift."
    service.log_change(db, actor, "reversed", reversal_id, gift.donor_id, sentence, after=after)
    donors.reset_status_without_gifts(db, donor_id=gift.donor_id)
    service.review_alerts(db, gift.donor_id, gift.pledge_id, today=today, now=now)
    return reversal_id


def _reversal_amounts(
    db: Session, gift: Gift, amount: Money | None, on: date, *, today: date
) -> tuple[Money, int]:
    """Return the amount reversed, in the gift's currency and in base minor units."""
    minor_before, base_before = write_queries.reversed_sums(db, gift.id)
    remaining = Money(gift.amount_minor - minor_before, gift.currency)
    reversed_amount = remaining if amount is None else amount
    if reversed_amount.currency != gift.currency:
        msg = f"This gift was given in {gift.currency}; it is taken back in {gift.currency}."
        raise InvalidError(msg)
    rules.check_reversal(reversed_amount, remaining, on, gift.gift_date, today=today)
    # the share of all reversals so far, so that a full reversal leaves zero
    share = gift.base_minor * (minor_before + reversed_amount.minor) // gift.amount_minor
    return reversed_amount, share - base_before


def _add_reversal(
    db: Session, gift: Gift, reversed_amount: Money, base: int, on: date, reason: str | None
) -> int:
    """Insert the reversal of a gift with its parts and return its id."""
    reversal_id = write_queries.add(
        db,
        kind="reversal",
        donor_id=gift.donor_id,
        amount_minor=-reversed_amount.minor,
        currency=gift.currency,
        base_minor=-base,
        awaiting_rate=gift.awaiting_rate,
        gift_date=on,
        method=gift.method,
        fund_id=gift.fund_id,
        campaign_id=gift.campaign_id,
        pledge_id=gift.pledge_id,
        reverses_id=gift.id,
        note=reason,
    )
    splits.reverse(db, gift.id, reversal_id, gift.donor_id, reversed_amount.minor, base)
    return reversal_id
