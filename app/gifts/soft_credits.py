"""Soft credits: recognition of a donor for the gift of another donor."""

from dataclasses import dataclass
from datetime import date

from app import donors
from app.accounts import Actor, organisation, require_own
from app.db import Session
from app.db.models import Gift
from app.db.models.gifts import SOFT_CREDITS
from app.gifts import read_model, service
from app.gifts.queries import soft_credits as queries
from app.gifts.queries import write as write_queries
from app.gifts.results import AwaitingRate
from app.kit import formatting
from app.kit.dates.days import fiscal_year
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class SoftCredit:
    """A soft credit of a gift: `amount` in the gift's currency, `base` what counts of it."""

    credit_id: int
    gift_id: int
    donor_id: int
    # None when the actor does not see the donor
    donor_name: str | None
    giver_id: int
    giver_name: str | None
    type: str
    amount: Money | None
    base: Money
    on: date
    # the gift waits for an exchange rate, and so nothing of it counts yet
    awaiting_rate: bool = False


@dataclass(frozen=True, slots=True)
class SoftCreditSums:
    """The soft credits of a donor: number, all, and those of this fiscal year."""

    credits: int
    lifetime: Money
    this_year: Money
    # the credits that the sums leave out for lack of an exchange rate
    awaiting_rate: tuple[AwaitingRate, ...] = ()


def add_soft_credit(
    db: Session,
    actor: Actor,
    *,
    gift_id: int,
    donor_id: int,
    type: str,  # noqa: A002
    amount: Money | None = None,
) -> int:
    """Credit a donor with a gift or a part of it; return the id. No sum of gifts changes.

    Raises:
        NotFoundError, NotAllowedError: the actor may not change the gift or the credited donor.
        InvalidError: an unknown type, the giver, another currency, an amount that is not within
            the gift's, a reversal, or the donor has this credit already.
    """
    require_own(actor)
    gift = service.lock(db, actor, gift_id)
    if type not in SOFT_CREDITS:
        msg = f"“{type}” is not a kind of soft credit. Choose one from the list."
        raise InvalidError(msg)
    credited = _credited(db, actor, gift, donor_id, amount)
    credit_id = queries.add(
        db, gift_id=gift_id, donor_id=donor_id, type=type, amount_minor=credited.minor
    )
    text = formatting.money(credited, locale=actor.locale)
    for concerned, sentence in (
        (gift.donor_id, f"Gave a soft credit of {text} for a gift ({type})."),
        (donor_id, f"Received a soft credit of {text} for a gift ({type})."),
    ):
        service.log_change(db, actor, "credited", gift_id, concerned, sentence)
    return credit_id


def _credited(db: Session, actor: Actor, gift: Gift, donor_id: int, amount: Money | None) -> Money:
    """Check who is credited for a gift and with how much; return the amount."""
    if gift.kind != "gift":
        msg = "A reversal cannot be credited. Choose the gift itself."
        raise InvalidError(msg)
    if donor_id == gift.donor_id:
        msg = "The giver has the gift already. Choose another donor for the soft credit."
        raise InvalidError(msg)
    _require_giftable(db, actor, donor_id)
    whole = Money(gift.amount_minor, gift.currency)
    credited = whole if amount is None else amount
    if credited.currency != whole.currency or not 0 < credited.minor <= whole.minor:
        most = formatting.money(whole, locale=actor.locale)
        msg = f"A soft credit is more than zero and at most the gift's amount, {most}."
        raise InvalidError(msg)
    if queries.exists(db, gift_id=gift.id, donor_id=donor_id):
        msg = "This donor has a soft credit for this gift already. Remove it first."
        raise InvalidError(msg)
    return credited


def remove_soft_credit(db: Session, actor: Actor, *, credit_id: int) -> None:
    """Delete a soft credit. No sum of gifts changes.

    Raises:
        NotFoundError, NotAllowedError: there is none, or the actor may not change the donor.
    """
    require_own(actor)
    credit = queries.find(db, actor, credit_id)
    if credit is None:
        msg = "This soft credit does not exist any more, or is not yours to see."
        raise NotFoundError(msg)
    _require_giftable(db, actor, credit.donor_id)
    gift_id, donor_id, kind = credit.gift_id, credit.donor_id, credit.type
    queries.remove(db, credit_id)
    sentence = f"Removed a soft credit ({kind})."
    service.log_change(db, actor, "uncredited", gift_id, donor_id, sentence)


def gift_soft_credits(db: Session, actor: Actor, *, gift_id: int) -> list[SoftCredit]:
    """Return the soft credits of a gift to donors whom the actor sees.

    Raises:
        NotFoundError: the gift does not exist or is not visible to the actor.
    """
    read_model.get(db, actor, gift_id)
    base = organisation(db).currency
    return [_credit(row, base) for row in queries.of_gift(db, actor, gift_id)]


def donor_soft_credits(
    db: Session, actor: Actor, *, donor_id: int, today: date
) -> tuple[list[SoftCredit], SoftCreditSums]:
    """Return the soft credits of a donor, newest first, and their sums.

    The name of a giver whom the actor does not see is left empty.

    Raises:
        NotFoundError: the donor does not exist or is not visible to the actor.
    """
    donors.require_visible(db, actor, donor_id)
    facts = organisation(db)
    if not actor.sees_amounts:
        nothing = Money(0, facts.currency)
        return [], SoftCreditSums(0, nothing, nothing)
    rows = queries.of_donor(db, actor, donor_id)
    year = fiscal_year(today, facts.fiscal_start_month)
    this_year = sum(
        row.base_minor
        for row in rows
        if fiscal_year(row.gift_date, facts.fiscal_start_month) == year
    )
    sums = SoftCreditSums(
        len(rows),
        Money(sum(row.base_minor for row in rows), facts.currency),
        Money(this_year, facts.currency),
        tuple(_awaiting(row) for row in rows if row.awaiting_rate and row.currency),
    )
    return [_credit(row, facts.currency) for row in rows], sums


def _awaiting(row: queries.SoftCreditRow) -> AwaitingRate:
    currency = row.currency or ""
    amount = Money(row.amount_minor, currency)
    return AwaitingRate(currency, 1, amount, row.gift_date, row.gift_date)


def _credit(row: queries.SoftCreditRow, base: str) -> SoftCredit:
    return SoftCredit(
        credit_id=row.id,
        gift_id=row.gift_id,
        donor_id=row.donor_id,
        donor_name=row.donor_name,
        giver_id=row.giver_id,
        giver_name=row.giver_name,
        type=row.type,
        amount=Money(row.amount_minor, row.currency) if row.currency else None,
        base=Money(row.base_minor, base),
        on=row.gift_date,
        awaiting_rate=bool(row.awaiting_rate),
    )


def _require_giftable(db: Session, actor: Actor, donor_id: int) -> None:
    if write_queries.giftable(db, actor, donor_id) is None:
        donors.require_visible(db, actor, donor_id)
        raise NotAllowedError(service.NOT_GIFTABLE)
