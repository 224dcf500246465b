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
    delete,
    func,
    literal,
    or_,
    select,
    text,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from app.accounts import Actor
from app.db import Session
from app.db.models import (
    Pledge,
    PledgeAmount,
    PledgeChange,
    PledgePause,
    PledgeSkip,
    PledgeSummary,
    PledgeTerms,
)
from app.kit.dates.cadence import STEP_DAYS, STEP_MONTHS, Frequency
from app.pledges.queries.pledges import INCOME, in_scope_and_expected
from app.pledges.results import PledgeFilter

FORGET = "delete from pledge_summary where pledge_id = any(:changed)"
REFRESH = """
insert into pledge_summary (pledge_id, donor_id, prepaid_until)
select pledge_id, donor_id, prepaid_until from pledge_summary_fresh where pledge_id = any(:changed)
"""


def groups(
    db: Session, actor: Actor, pledge_filter: PledgeFilter, *, until: date, prepaid_on: date
) -> Sequence[Any]:
    """Return (currency, frequency, anchor, start, end, minor units, pledge id) of pledges.

    Open-ended pledges with equal values are one row with their sum, without an id; an end after
    `until` has no effect and is None. Pledges that are computed one by one have rows of their own:
    those with amount changes, pauses, skips, old terms or a fixed sum, and those that had received
    more by the day `prepaid_on` than was due by then.
    """
    if not actor.sees_amounts:
        return ()
    single = or_(_exceptional(), _paid_ahead(prepaid_on))
    ends = case((Pledge.end_date <= until, Pledge.end_date))
    grouping = (
        *(Pledge.currency, Pledge.frequency, Pledge.anchor_day, Pledge.start_date, ends),
        case((single, Pledge.id)),
    )
    statement = (
        select(*grouping[:-1], func.sum(Pledge.amount_minor), grouping[-1])
        .where(or_(Pledge.start_date <= until, single))
        .group_by(*grouping)
    )
    return db.execute(in_scope_and_expected(statement, actor, pledge_filter)).all()


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


def _paid_ahead(day: date) -> ColumnElement[bool]:
    """Return a condition: an open-ended pledge had received more by a day than was due by then.

    It holds for semimonthly pledges whenever anything was received, because their due dates are
    not counted in SQL.
    """
    candidate = aliased(Pledge)
    received = (
        select(func.sum(INCOME.amount_minor))
        .where(INCOME.pledge_id == candidate.id, INCOME.gift_date <= day)
        .scalar_subquery()
    )
    # All gifts together reach beyond the day, or may do so since they have changed. Of these few
    # pledges the gifts up to the day are added up.
    candidates = union(
        select(PledgeSummary.pledge_id).where(PledgeSummary.prepaid_until > day),
        select(PledgeChange.pledge_id),
    )
    return Pledge.id.in_(
        select(candidate.id).where(
            candidate.id.in_(candidates),
            received > candidate.amount_minor * times_due(day, candidate),
        )
    )


def refresh_prepaid_for_system(db: Session) -> None:
    """Compute `pledge_summary` of the changed pledges anew.

    What changes meanwhile has a row of its own in `pledge_change`, which stays.
    """
    changed = list(db.scalars(delete(PledgeChange).returning(PledgeChange.pledge_id)))
    for statement in (FORGET, REFRESH):
        db.execute(text(statement), {"changed": changed})


def times_due(day: date, pledge: type[Pledge] = Pledge) -> ColumnElement[int]:
    """Return the number of due dates of a pledge up to a day, like `cadence.due_until`."""
    ends = func.least(func.coalesce(pledge.end_date, literal(day)), literal(day))
    weeks = [
        (pledge.frequency == name, cast(ends - pledge.start_date, Integer) // step + 1)
        for name, step in STEP_DAYS.items()
    ]
    anchor = func.coalesce(
        cast(pledge.anchor_day, Integer), cast(func.extract("day", pledge.start_date), Integer)
    )
    missed = _due_day(pledge.start_date, anchor) < func.extract("day", pledge.start_date)
    first = _month(pledge.start_date) + case((missed, 1), else_=0)
    last = _month(ends) - case((_due_day(ends, anchor) > func.extract("day", ends), 1), else_=0)
    months = [
        (pledge.frequency == name, case((last < first, 0), else_=(last - first) // step + 1))
        for name, step in STEP_MONTHS.items()
    ]
    once = (pledge.frequency == Frequency.ONCE, case((pledge.start_date <= day, 1), else_=0))
    times = case((pledge.start_date > ends, 0), *weeks, *months, once, else_=0)
    return func.greatest(times, 0)


def _month(day: SQLColumnExpression[date]) -> ColumnElement[int]:
    return cast(func.extract("year", day) * 12 + func.extract("month", day), Integer)


def _due_day(day: SQLColumnExpression[date], anchor: ColumnElement[int]) -> ColumnElement[int]:
    """Return the anchor day within the day's month, or the month's last day."""
    last = func.date_trunc("month", day) + text("interval '1 month - 1 day'")
    return func.least(anchor, cast(func.extract("day", last), Integer))
