"""SQL of the forecast: pledges with the same due dates are grouped into one row."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    SQLColumnExpression,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)

from app.accounts import Actor
from app.db import Session
from app.db.models import (
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeSkip,
    PledgeSummary,
    PledgeTerms,
)
from app.kit.dates.cadence import STEP_DAYS, STEP_MONTHS, Frequency
from app.pledges.queries.pledges import INCOME, in_scope_and_expected
from app.pledges.results import PledgeFilter


def groups(
    db: Session,
    actor: Actor,
    pledge_filter: PledgeFilter,
    *,
    until: date,
    excluded_ids: Sequence[int],
) -> Sequence[Any]:
    """Return (currency, frequency, anchor, start, end, minor units) of open-ended pledges.

    Pledges with equal values are one row with their sum; an end after `until` has no effect and
    is None. Pledges returned by `exceptions` and those in `excluded_ids` are left out.
    """
    ends = case((Pledge.end_date <= until, Pledge.end_date))
    grouping = (Pledge.currency, Pledge.frequency, Pledge.anchor_day, Pledge.start_date, ends)
    statement = (
        select(*grouping, func.sum(Pledge.amount_minor))
        .where(Pledge.start_date <= until, ~_exceptional(), Pledge.id.not_in(excluded_ids))
        .group_by(*grouping)
    )
    return (
        db.execute(in_scope_and_expected(statement, actor, pledge_filter)).all()
        if actor.sees_amounts
        else ()
    )


def exceptions(db: Session, actor: Actor, pledge_filter: PledgeFilter) -> tuple[int, ...]:
    """Return the ids of pledges with amount changes, pauses, skips, old terms or a fixed sum."""
    statement = select(Pledge.id).where(_exceptional())
    return (
        tuple(db.scalars(in_scope_and_expected(statement, actor, pledge_filter)))
        if actor.sees_amounts
        else ()
    )


def _exceptional() -> ColumnElement[bool]:
    with_history = union_all(
        *(
            select(model.pledge_id)
            for model in (PledgeAmount, PledgePause, PledgeSkip, PledgeTerms)
        )
    )
    return or_(
        Pledge.total_minor.is_not(None),
        Pledge.instalments.is_not(None),
        Pledge.id.in_(select(with_history.subquery("noted").c.pledge_id)),
    )


def paid_ahead(
    db: Session, actor: Actor, pledge_filter: PledgeFilter, *, day: date
) -> tuple[int, ...]:
    """Return the open-ended pledges that had received more by a day than was due by then.

    Pledges returned by `exceptions` are left out. Semimonthly pledges are returned whenever
    anything was received, because their due dates are not counted in SQL.
    """
    # a subquery per pledge, so that a user with few pledges does not sum everyone's gifts
    received = (
        select(func.sum(INCOME.amount_minor))
        .where(INCOME.pledge_id == Pledge.id, INCOME.gift_date <= day)
        .scalar_subquery()
    )
    # all gifts together reach beyond the day: of these pledges the gifts up to it are summed
    maybe = select(PledgeSummary.pledge_id).where(PledgeSummary.prepaid_until > day)
    statement = select(Pledge.id).where(
        Pledge.id.in_(maybe), ~_exceptional(), received > Pledge.amount_minor * times_due(day)
    )
    return (
        tuple(db.scalars(in_scope_and_expected(statement, actor, pledge_filter)))
        if actor.sees_amounts
        else ()
    )


def times_due(day: date) -> ColumnElement[int]:
    """Return the number of due dates of a pledge up to a day, like `cadence.due_until`."""
    ends = func.least(func.coalesce(Pledge.end_date, literal(day)), literal(day))
    weeks = [
        (Pledge.frequency == name, cast(ends - Pledge.start_date, Integer) // step + 1)
        for name, step in STEP_DAYS.items()
    ]
    anchor = func.coalesce(
        cast(Pledge.anchor_day, Integer), cast(func.extract("day", Pledge.start_date), Integer)
    )
    missed = _due_day(Pledge.start_date, anchor) < func.extract("day", Pledge.start_date)
    first = _month(Pledge.start_date) + case((missed, 1), else_=0)
    last = _month(ends) - case((_due_day(ends, anchor) > func.extract("day", ends), 1), else_=0)
    months = [
        (Pledge.frequency == name, case((last < first, 0), else_=(last - first) // step + 1))
        for name, step in STEP_MONTHS.items()
    ]
    once = (Pledge.frequency == Frequency.ONCE, case((Pledge.start_date <= day, 1), else_=0))
    times = case((Pledge.start_date > ends, 0), *weeks, *months, once, else_=0)
    return func.greatest(times, 0)


def _month(day: SQLColumnExpression[date]) -> ColumnElement[int]:
    return cast(func.extract("year", day) * 12 + func.extract("month", day), Integer)


def _due_day(day: SQLColumnExpression[date], anchor: ColumnElement[int]) -> ColumnElement[int]:
    """Return the anchor day within the day's month, or the month's last day."""
    last = func.date_trunc("month", day) + text("interval '1 month - 1 day'")
    return func.least(anchor, cast(func.extract("day", last), Integer))
