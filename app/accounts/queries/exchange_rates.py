"""Queries on exchange rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from app.db import Session
from app.db.models import ExchangeRate


@dataclass(frozen=True, slots=True)
class ExchangeRateLine:
    """What one unit of `currency` is worth in the organisation's currency from `day` on.

    `until` is the last day before the next rate; None for the newest rate of a currency.
    """

    currency: str
    day: date
    rate: Decimal
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CurrencyRates:
    """A currency's newest rate, since when it holds, and the number of its rates."""

    currency: str
    day: date
    rate: Decimal
    rates: int


def rates(
    db: Session,
    *,
    currency: str | None = None,
    before: tuple[str, date] | None = None,
    limit: int | None = None,
) -> list[ExchangeRateLine]:
    """Return the rates by currency, the newest first; `before` is the last one of a page."""
    following = func.lag(ExchangeRate.on_date).over(
        partition_by=ExchangeRate.currency, order_by=ExchangeRate.on_date.desc()
    )
    columns = (ExchangeRate.currency, ExchangeRate.on_date, ExchangeRate.rate)
    every = select(*columns, (following - 1).label("until")).subquery("every")
    statement = select(every).order_by(every.c.currency, every.c.on_date.desc()).limit(limit)
    if currency is not None:
        statement = statement.where(every.c.currency == currency)
    if before is not None:
        same_currency = (every.c.currency == before[0]) & (every.c.on_date < before[1])
        statement = statement.where((every.c.currency > before[0]) | same_currency)
    return [
        ExchangeRateLine(row.currency, row.on_date, row.rate.normalize(), row.until)
        for row in db.execute(statement)
    ]


def currencies(db: Session) -> list[CurrencyRates]:
    """Return the newest rate of each currency."""
    statement = (
        select(
            ExchangeRate.currency,
            ExchangeRate.on_date,
            ExchangeRate.rate,
            func.count().over(partition_by=ExchangeRate.currency).label("rates"),
        )
        .order_by(ExchangeRate.currency, ExchangeRate.on_date.desc())
        .ext(distinct_on(ExchangeRate.currency))
    )
    return [
        CurrencyRates(row.currency, row.on_date, row.rate.normalize(), row.rates)
        for row in db.execute(statement)
    ]


def rate_of_day(db: Session, currency: str, day: date) -> Decimal | None:
    """Return the rate set for exactly this day."""
    rate = db.scalar(
        select(ExchangeRate.rate).where(
            ExchangeRate.currency == currency, ExchangeRate.on_date == day
        )
    )
    return None if rate is None else rate.normalize()


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A currency's rates that a statement added or corrected, and their first and last day.

    `following` is the day of the next rate after them, None if there is none.
    """

    currency: str
    added: int
    corrected: int
    first: date
    last: date
    following: date | None


def set_rates(db: Session, values: Mapping[tuple[str, date], Decimal]) -> Sequence[StoredChange]:
    """Insert or replace rates and return what changed; equal rates are not written."""
    rows = db.execute(
        text("""
        with stored as (
            insert into exchange_rate (currency, on_date, rate)
            select * from unnest(cast(:currencies as text[]), cast(:days as date[]),
                                 cast(:rates as numeric[]))
            order by 1, 2
            on conflict (currency, on_date) do update set rate = excluded.rate
                where exchange_rate.rate <> excluded.rate
            returning currency, on_date, xmax = 0 as added
        ), changed as (
            select currency, count(*) filter (where added) as added,
                count(*) filter (where not added) as corrected,
                min(on_date) as first, max(on_date) as last
            from stored group by currency
        )
        select c.*, (select min(e.on_date) from exchange_rate e
                     where e.currency = c.currency and e.on_date > c.last) as following
        from changed c order by c.currency
        """),
        {
            "currencies": [currency for currency, _ in values],
            "days": [day for _, day in values],
            "rates": list(values.values()),
        },
    )
    return [StoredChange(**row) for row in rows.mappings()]


def delete_rate(db: Session, currency: str, day: date) -> None:
    """Delete the rate of a day."""
    db.execute(
        delete(ExchangeRate).where(ExchangeRate.currency == currency, ExchangeRate.on_date == day)
    )


def next_day(db: Session, currency: str, day: date) -> date | None:
    """Return the day of the next rate after a day, or None."""
    return db.scalar(
        select(func.min(ExchangeRate.on_date)).where(
            ExchangeRate.currency == currency, ExchangeRate.on_date > day
        )
    )
