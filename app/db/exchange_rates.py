"""Conversion of amounts into the organisation's currency at the rate of a day."""

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy import select

from app.db.models import ExchangeRate, Organisation
from app.db.session import Session
from app.kit.errors import InvalidError
from app.kit.money import Money


def base_currency(db: Session) -> str:
    """Return the organisation's currency (ISO 4217), by default USD."""
    return db.scalar(select(Organisation.currency)) or "USD"


def require_rate(db: Session, currency: str) -> None:
    """Require that a currency can be converted into the organisation's.

    Raises:
        InvalidError: the currency is foreign and no rate of any day is known.
    """
    base = base_currency(db)
    stored_rate = select(ExchangeRate.rate).where(ExchangeRate.currency == currency).limit(1)
    if currency != base and db.scalar(stored_rate) is None:
        msg = (
            f"No exchange rate from {currency:.3} to {base} is known, so that a pledge in it "
            "would count in no sum. Ask an administrator to add one, or enter the amount in your "
            "own currency."
        )
        raise InvalidError(msg)


def to_base(db: Session, amount: Money, on: date) -> Money:
    """Convert at the latest rate on or before the day, rounding half to even.

    Raises:
        InvalidError: the currency is foreign and no rate is known.
    """
    base = base_currency(db)
    if amount.currency == base:
        return amount
    rate = db.scalar(
        select(ExchangeRate.rate)
        .where(ExchangeRate.currency == amount.currency, ExchangeRate.on_date <= on)
        .order_by(ExchangeRate.on_date.desc())
        .limit(1)
    )
    if rate is None:
        msg = (
            f"No exchange rate from {amount.currency:.3} to {base} is known for {on.isoformat()}. "
            "Ask an administrator to add one, or enter the amount in your own currency."
        )
        raise InvalidError(msg)
    unit = Money.of(1, base)
    worth = amount.amount * Decimal(str(rate)) * unit.minor
    return Money(int(worth.to_integral_value(ROUND_HALF_EVEN)), base)
