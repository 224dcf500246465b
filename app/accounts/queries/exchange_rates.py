"""Queries on exchange rates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import ExchangeRate


@dataclass(frozen=True, slots=True)
class ExchangeRateLine:
    """What one unit of `currency` is worth in the organisation's currency from `day` on."""

    currency: str
    day: date
    rate: Decimal


def rates(db: Session) -> list[ExchangeRateLine]:
    """Return every rate by currency, the newest first."""
    rows = db.scalars(
        select(ExchangeRate).order_by(ExchangeRate.currency, ExchangeRate.on_date.desc())
    )
    return [ExchangeRateLine(row.currency, row.on_date, Decimal(str(row.rate))) for row in rows]


def rate_of_day(db: Session, currency: str, day: date) -> Decimal | None:
    """Return the rate set for exactly this day."""
    rate = db.scalar(
        select(ExchangeRate.rate).where(
            ExchangeRate.currency == currency, ExchangeRate.on_date == day
        )
    )
    return None if rate is None else Decimal(str(rate))


def set_rate(db: Session, currency: str, day: date, rate: Decimal) -> None:
    """Insert or replace the rate of a day."""
    statement = insert(ExchangeRate).values(currency=currency, on_date=day, rate=rate)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["currency", "on_date"], set_={"rate": statement.excluded.rate}
        )
    )
