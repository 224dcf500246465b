"""Two compared periods, and the gifts by their parts."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    SQLColumnExpression,
    and_,
    column,
    table,
)

from app.donors import Credit, Unit
from app.kit.dates.days import Span
from app.kit.dates.period_rollup import PeriodRollup

# unsplit gifts and the parts of split ones: each amount once, with its fund
PART = table(
    "gift_part",
    column("gift_id", BigInteger),
    column("donor_id", BigInteger),
    column("effective", Boolean),
    column("recurring", Boolean),
    column("gift_date", Date),
    column("pledge_id", BigInteger),
    column("fund_id", BigInteger),
    column("base_minor", BigInteger),
)


@dataclass(frozen=True, slots=True)
class ComparedPeriods:
    """Two periods, the fiscal years and edges that cover them, and an optional fund.

    `stored` says that the sums of `giving_period` are nearer to the periods than fiscal years.
    """

    before: Span
    now: Span
    before_cover: PeriodRollup
    now_cover: PeriodRollup
    fund_id: int | None = None
    unit: Unit = Unit.PERSON
    credit: Credit = Credit.HARD
    stored: bool = False


def within(day: SQLColumnExpression[date], span: Span) -> ColumnElement[bool]:
    """Return a condition: the day is in the span."""
    return and_(day >= span.start, day < span.end)
