"""Conversion of gifts into the organisation's currency at the rate of their day.

The base amount of a gift is a function of its amount, its day and the stored rates. Without a rate
the gift waits: its base amount is zero, so that no sum counts it, and `awaiting_rate` is true.
`convert_again` applies the function to stored gifts, their reversals and their splits.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg2.errors import NumericValueOutOfRange
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import DBAPIError

from app.db.models import ExchangeRate, Organisation
from app.db.session import Session
from app.kit.errors import ConflictError, InvalidError
from app.kit.money import MAX_MINOR, NO_DECIMALS, THREE_DECIMALS, Money

_LOCK = "hashtext('donorcrm exchange rates')"
# how long a change of rates waits for gifts that are being written
_TRIES, _PAUSE_SECONDS = 50, 0.1
BUSY = (
    "Gifts are being written at this moment, as by an import. Nothing was changed; try again when "
    "it has finished."
)
TOO_LARGE = "At this rate an amount would be larger than any amount we keep."


@dataclass(frozen=True, slots=True)
class ConvertedGifts:
    """The gifts and reversals of a currency whose base amount changed, in minor base units.

    `counted` are the gifts that waited for a rate and have one now, `waiting` the reverse.
    """

    currency: str
    gifts: int
    before: int
    after: int
    counted: int
    waiting: int


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


def hold_rates(db: Session) -> None:
    """Keep all rates as they are until the transaction ends.

    Call it before reading rates for gifts to write, and before locking gifts whose amounts change:
    a rate that changes meanwhile would not convert a gift that is not committed yet.
    """
    db.execute(text(f"select pg_advisory_xact_lock_shared({_LOCK})"))


def lock_rates(db: Session) -> None:
    """Lock the rates for a change, until the transaction ends.

    It tries again instead of waiting in the queue of the lock, where it would stop all writers of
    gifts behind a long import.

    Raises:
        ConflictError: gifts are being written for too long.
    """
    for _ in range(_TRIES):
        if db.scalar(text(f"select pg_try_advisory_xact_lock({_LOCK})")):
            return
        time.sleep(_PAUSE_SECONDS)
    raise ConflictError(BUSY)


def digits_of(base: str) -> dict[str, Any]:
    """Return the parameters that `converted_sql` needs beside those of its expressions."""
    return {"base": base, "whole": NO_DECIMALS.split(), "three": THREE_DECIMALS.split()}


def converted_sql(*, minor: str, currency: str, day: str) -> str:
    """Return SQL for base minor units, null without a rate; the arguments are SQL expressions.

    The latest rate on or before the day counts; halves are rounded to even.
    """
    digits = "(case when {0} = any(:whole) then 0 when {0} = any(:three) then 3 else 2 end)"
    shift = f"{digits.format(':base')} - {digits.format(currency)}"
    return f"""
        case when {currency} = :base then {minor} else (
            select (case when abs(v.x - trunc(v.x)) = 0.5 then 2 * round(v.x / 2)
                         else round(v.x) end)::bigint
            from (select {minor} * e.rate * power(10::numeric, {shift}) as x
                  from exchange_rate e where e.currency = {currency} and e.on_date <= {day}
                  order by e.on_date desc limit 1) v) end
    """


def to_base(db: Session, amount: Money, on: date) -> Money | None:
    """Convert at the latest rate on or before the day; None if no rate is known.

    The rates cannot change until the transaction ends.

    Raises:
        InvalidError: the converted amount is larger than any amount.
    """
    base = base_currency(db)
    if amount.currency == base:
        return amount
    hold_rates(db)
    expression = converted_sql(
        minor="cast(:minor as bigint)",
        currency="cast(:currency as text)",
        day="cast(:day as date)",
    )
    values = {"minor": amount.minor, "currency": amount.currency, "day": on} | digits_of(base)
    minor = _within_limits(db, f"select {expression}", values).scalar()
    if minor is not None and abs(minor) > MAX_MINOR:
        raise InvalidError(TOO_LARGE)
    return None if minor is None else Money(minor, base)


@dataclass(frozen=True, slots=True)
class RateOfDay:
    """What one unit of a currency is worth in the organisation's, and since which day."""

    rate: Decimal
    since: date


def rates_on(db: Session, on: date, currencies: Collection[str]) -> dict[str, RateOfDay]:
    """Return the latest rate by a day of each currency that has one."""
    statement = (
        select(ExchangeRate.currency, ExchangeRate.rate, ExchangeRate.on_date)
        .where(ExchangeRate.currency.in_(currencies), ExchangeRate.on_date <= on)
        .order_by(ExchangeRate.currency, ExchangeRate.on_date.desc())
        .ext(distinct_on(ExchangeRate.currency))
    )
    return {row.currency: RateOfDay(row.rate, row.on_date) for row in db.execute(statement)}


@dataclass(frozen=True, slots=True)
class Period:
    """The gifts of a currency from a day on, until before another day."""

    currency: str
    start: date
    end: date | None = None


def convert_period(db: Session, periods: Sequence[Period]) -> list[ConvertedGifts]:
    """Convert the gifts of these currencies and periods again; the caller has locked the rates."""
    return _convert(
        db,
        "exists (select from unnest(cast(:currencies as text[]), cast(:starts as date[]),"
        " cast(:ends as date[])) as p(currency, start, stop) where p.currency = g.currency"
        " and g.gift_date >= p.start and (p.stop is null or g.gift_date < p.stop))",
        currencies=[period.currency for period in periods],
        starts=[period.start for period in periods],
        ends=[period.end for period in periods],
    )


def convert_import(db: Session, *, run_id: int) -> None:
    """Convert the gifts again that an import created, changed or reversed.

    Call it after they are written or restored. Reversals of an import mirror their gift.
    """
    _convert(
        db,
        """
        g.id in (
            select coalesce(n.reverses_id, n.id) from gift n
            where n.import_run_id = :run and n.currency <> :base
            union
            select coalesce(n.reverses_id, n.id)
            from import_change c join gift n on n.id = c.row_id
            where c.run_id = :run and c.table_name = 'gift')
        """,
        run=run_id,
    )


def _convert(db: Session, scope: str, **values: object) -> list[ConvertedGifts]:
    """Convert the gifts `g` of a scope again; unchanged ones are not written.

    Raises:
        InvalidError: a converted amount is larger than any amount.
    """
    statement = _CONVERT.format(scope=scope)
    rows = _within_limits(db, statement, values | digits_of(base_currency(db))).all()
    if any(row.largest > MAX_MINOR for row in rows):
        raise InvalidError(TOO_LARGE)
    return [
        ConvertedGifts(
            row.currency, row.gifts, int(row.before), int(row.after), row.counted, row.waiting
        )
        for row in rows
    ]


def _within_limits(db: Session, statement: str, values: dict[str, Any]) -> Any:
    try:
        return db.execute(text(statement), values)
    except DBAPIError as error:
        if isinstance(error.orig, NumericValueOutOfRange):
            raise InvalidError(TOO_LARGE) from error
        raise


# A reversal mirrors its gift: after the reversals of a gift up to it, the same share of the base
# amount is reversed as of the amount, rounded down, so that a full reversal leaves zero. Splits
# get their share of the base amount; the largest remainders round up (as `rules.share_out`).
_CONVERT = f"""
    with converted as (
        select g.id, g.amount_minor as amount,
            {converted_sql(minor="g.amount_minor", currency="g.currency", day="g.gift_date")}
                as base
        from gift g where g.kind = 'gift' and g.currency <> :base and {{scope}}
    ), fresh as (
        select id, coalesce(base, 0) as base, base is null as awaiting from converted
        union all
        select id, (floor(base * before / amount) - floor(base * upto / amount))::bigint, awaiting
        from (
            select r.id, coalesce(k.base, 0)::numeric as base, k.base is null as awaiting,
                k.amount,
                -sum(r.amount_minor) over sequence as upto,
                -sum(r.amount_minor) over sequence + r.amount_minor as before
            from converted k join gift r on r.reverses_id = k.id
            window sequence as (partition by r.reverses_id order by r.id)
        ) reversals
    ), differing as (
        select f.*, g.base_minor as old, g.awaiting_rate as waited
        from fresh f join gift g on g.id = f.id
        where (g.base_minor, g.awaiting_rate) is distinct from (f.base, f.awaiting)
    ), changed as (
        update gift g set base_minor = d.base, awaiting_rate = d.awaiting
        from differing d where g.id = d.id
        returning g.currency, g.kind, d.old, d.base, d.waited, d.awaiting
    ), shares as (
        select l.id, sign(f.base) * (div(abs(f.base) * w.weight, w.whole)) as share, f.base,
            row_number() over (partition by l.gift_id
                order by mod(abs(f.base) * w.weight, w.whole) desc, l.id) as place,
            abs(f.base) - sum(div(abs(f.base) * w.weight, w.whole))
                over (partition by l.gift_id) as rest
        from fresh f join gift_line l on l.gift_id = f.id
        cross join lateral (
            select abs(l.amount_minor)::numeric as weight, abs(g.amount_minor)::numeric as whole
            from gift g where g.id = l.gift_id) w
    ), split as (
        update gift_line l
        set base_minor = s.share + case when s.place <= s.rest then sign(s.base) else 0 end
        from shares s where l.id = s.id and l.base_minor
            <> s.share + case when s.place <= s.rest then sign(s.base) else 0 end
    )
    select currency, count(*) filter (where kind = 'gift') as gifts,
        sum(old) as before, sum(base) as after, max(abs(base)) as largest,
        count(*) filter (where kind = 'gift' and waited and not awaiting) as counted,
        count(*) filter (where kind = 'gift' and awaiting and not waited) as waiting
    from changed group by currency order by currency
"""
