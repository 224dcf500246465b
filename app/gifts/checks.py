"""Checks of what a gift is for, and of what may still be changed."""

from collections.abc import Sequence

from app.db import Session, purpose_lock
from app.db.models import Campaign, Fund, Gift
from app.gifts import rules
from app.gifts.queries import write as write_queries
from app.gifts.results import Links, Part
from app.kit.errors import InvalidError
from app.kit.money import Money


def check_correction(
    db: Session, old: Gift, amount: Money, links: Links, splits: Sequence[Part] | None
) -> tuple[list[Part], list[Part]]:
    """Return the parts of a gift before and after a correction; None keeps them.

    Raises:
        InvalidError: it is a reversal, or reversed and its amount or parts would change, or split
            and only its amount or what it is for would change, or a link is invalid.
    """
    stored = [
        Part(Money(row.amount_minor, old.currency), row.fund_id, row.campaign_id)
        for row in write_queries.parts(db, old.id)
    ]
    parts = stored if splits is None else list(splits)
    changed = (amount.minor, amount.currency) != (old.amount_minor, old.currency)
    if old.kind == "reversal" or (
        (changed or parts != stored) and write_queries.reversed_sums(db, old.id)[0]
    ):
        msg = "A gift that was taken back keeps its amount. Record a new gift instead."
        raise InvalidError(msg)
    designated = links.fund_id is not None or links.campaign_id is not None
    if splits is None and stored and (changed or designated):
        msg = "This gift is split between funds. Correct its parts as well."
        raise InvalidError(msg)
    whole = Part(amount, old.fund_id, old.campaign_id)
    check_links(db, old.donor_id, amount, links, parts, kept=(whole, *stored))
    return stored, parts


def check_links(
    db: Session,
    donor_id: int,
    amount: Money,
    links: Links,
    splits: Sequence[Part],
    *,
    kept: Sequence[Part] = (),
) -> None:
    """Raise an error for a fund, campaign or pledge that a gift cannot have.

    What the gift is for already, as `kept` says, may be closed.

    Raises:
        InvalidError: one is closed, missing or another household's, or the parts do not add up.
    """
    if splits:
        rules.check_parts(amount, [part.amount for part in splits])
    purpose_lock.hold_purposes(db)
    fund_ids = {part.fund_id for part in splits} | {links.fund_id}
    if not write_queries.all_open(db, Fund, fund_ids - {part.fund_id for part in kept}):
        msg = "This fund does not exist or is closed."
        raise InvalidError(msg)
    campaign_ids = {part.campaign_id for part in splits} | {links.campaign_id}
    if not write_queries.all_open(
        db, Campaign, campaign_ids - {part.campaign_id for part in kept}
    ):
        msg = "This campaign does not exist or is closed."
        raise InvalidError(msg)
    if links.pledge_id is not None:
        check_pledge(db, donor_id, amount.currency, links.pledge_id)


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
