"""Income of the dashboard and of Today: by month, of a span, and of the fiscal year so far."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from app import goals, pledges
from app.accounts import Actor, organisation
from app.db import Session
from app.goals import Income
from app.insights import rules
from app.insights.queries import gifts as gift_queries
from app.insights.results import FiscalYear, MonthIncome
from app.kit.dates.days import (
    Span,
    fiscal_span,
    fiscal_to_date,
    fiscal_year,
    months_after,
    months_back,
    trailing_year,
)
from app.kit.money import Money

MONTHS = 24


def incomes_shown(
    db: Session, actor: Actor, *, today: date, span: Span | None = None
) -> goals.Incomes:
    """Return the income of every range of days that the dashboard or Today shows, and of `span`.

    The other functions take it as `known` and do not read it again.
    """
    so_far = fiscal_to_date(today, organisation(db).fiscal_start_month)
    firsts = months_back(today, MONTHS + 12)
    spans = {trailing_year(today), so_far, so_far.year_before()}
    spans |= {goals.span_so_far(first, today) for first in firsts}
    return goals.incomes(db, actor, spans=spans if span is None else spans | {span})


def months(
    db: Session,
    actor: Actor,
    *,
    today: date,
    number: int = MONTHS,
    fund_id: int | None = None,
    known: goals.Incomes = goals.NONE_KNOWN,
) -> tuple[MonthIncome, ...]:
    """Return the last months, the current one last, each with the same month a year before."""
    firsts = months_back(today, number + 12)
    income_of = _income_by_month(db, actor, firsts, today, fund_id, known)
    goal_of = goals.goal_by_month(db, actor, firsts[12:]) if fund_id is None else {}
    return tuple(
        MonthIncome(
            month,
            income_of[month],
            income_of[months_after(month, -12)].total,
            goal_of.get(month),
        )
        for month in firsts[12:]
    )


def income(
    db: Session,
    actor: Actor,
    *,
    span: Span,
    fund_id: int | None = None,
    known: goals.Incomes = goals.NONE_KNOWN,
) -> Income:
    """Return the income within a span, for one fund or in all."""
    if fund_id is None:
        return goals.income(db, actor, span=span, known=known)
    rows = gift_queries.fund_months(db, actor, span=span, fund_id=fund_id)
    return _sum(rows, organisation(db).currency)


def fiscal_year_so_far(
    db: Session,
    actor: Actor,
    *,
    today: date,
    fund_id: int | None = None,
    known: goals.Incomes = goals.NONE_KNOWN,
) -> FiscalYear:
    """Return the fiscal year's gifts so far, last year's to the same day, and the outlook."""
    start = organisation(db).fiscal_start_month
    so_far = fiscal_to_date(today, start)
    rest = Span(so_far.end, fiscal_span(fiscal_year(today, start), start).end)
    year_before = so_far.year_before()
    received = income(db, actor, span=so_far, fund_id=fund_id, known=known).total
    before = income(db, actor, span=year_before, fund_id=fund_id, known=known).total
    expected = pledges.Converted(Money(0, received.currency))
    if rest.days > 0:
        expected = pledges.still_expected(db, actor, span=rest, fund_id=fund_id)
    growth = rules.growth(received.minor, before.minor)
    return FiscalYear(
        so_far, received, before, growth, expected.amount, rest.last, expected.uncounted
    )


def _income_by_month(
    db: Session,
    actor: Actor,
    firsts: Sequence[date],
    today: date,
    fund_id: int | None,
    known: goals.Incomes,
) -> Mapping[date, Income]:
    if fund_id is None:
        return goals.income_by_month(db, actor, months=firsts, today=today, known=known)
    currency = organisation(db).currency
    span = Span(firsts[0], today + timedelta(days=1))
    rows = {row[0]: row for row in gift_queries.fund_months(db, actor, span=span, fund_id=fund_id)}
    return {month: _sum([rows[month]] if month in rows else [], currency) for month in firsts}


def _sum(rows: Sequence[tuple[date, int, int, int]], currency: str) -> Income:
    recurring, one_time = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return Income(
        Money(recurring, currency), Money(one_time, currency), sum(row[3] for row in rows)
    )
