"""SQL of changes between two periods by household, and with soft credits.

A unit is a person, or a household with all its members. A credited gift counts for a unit as in
`giving_units`; with a fund, the credit counts in proportion to the part of the gift for it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Select,
    Subquery,
    case,
    cast,
    func,
    or_,
    select,
    union_all,
)

from app.accounts import Actor, visible_amounts
from app.db.models import DonorSummary, Gift, SoftCredit
from app.donors import Credit, Unit
from app.donors.queries.units import giving_units
from app.insights.queries.periods import PART, ComparedPeriods, within


def per_unit(
    actor: Actor,
    compared: ComparedPeriods,
    own: Sequence[Select[Any]],
    first_days: Select[Any],
    credited: CTE | None,
) -> Select[Any]:
    """Return donor_id, g1, g2 and the first gift's day of every unit with money in either period.

    `own` are sources of own gifts with the columns donor_id, g1 and g2; `first_days` has the day
    of every donor's first gift; `credited` has the soft credits. The first gift of a household is
    that of the member who began first; a soft credit counts as a gift. The day is None when it
    lies before both periods, and the end of the later one when no gift is left.
    """
    amounts, days = [], []
    if compared.credit != Credit.SOFT:
        given = union_all(*own).subquery("amounts")
        amounts.append(_by_unit(actor, compared.unit, given, ("g1", "g2")))
        days.append(_by_unit(actor, compared.unit, first_days.subquery("days"), ("day",)))
    if credited is not None:
        amounts.append(_in_periods(credited, compared, credited.c.donor_id))
        days.append(select(credited.c.donor_id, credited.c.gift_date.label("day")))
    rows, began = union_all(*amounts).subquery("rows"), union_all(*days).subquery("first_days")
    return _compare(rows, began, compared)


def _compare(rows: Subquery, days: Subquery, compared: ComparedPeriods) -> Select[Any]:
    """Return the sums of the rows of each unit, and its first day."""
    g1, g2 = func.sum(rows.c.g1), func.sum(rows.c.g2)
    sums = (
        select(rows.c.donor_id, g1.label("g1"), g2.label("g2"))
        .group_by(rows.c.donor_id)
        .having(or_(g1 != 0, g2 != 0))
        .subquery("sums")
    )
    first = select(days.c.donor_id, func.min(days.c.day).label("day")).group_by(days.c.donor_id)
    began_on = first.subquery("began")
    first_day = _first_day(began_on.c.day, compared).label("first_day")
    return (
        select(sums.c.donor_id, sums.c.g1, sums.c.g2, first_day)
        .select_from(sums)
        .outerjoin(began_on, began_on.c.donor_id == sums.c.donor_id)
    )


def _first_day(day: ColumnElement[Any], compared: ComparedPeriods) -> ColumnElement[Any]:
    return case((day.is_(None), compared.now.end), (day >= compared.before.start, day), else_=None)


def counted_once(
    actor: Actor, compared: ComparedPeriods, part: FromClause, credited: CTE
) -> Select[Any]:
    """Return (before, now): the sums of both periods with soft credits, each gift counted once.

    `part` are the units with g1 and g2. Several credits for a gift count at most what is left of
    it, and nothing beside the gift itself where the actor sees its giver.
    """
    per_gift = select(
        credited.c.gift_date,
        func.least(func.sum(credited.c.base_minor), func.max(credited.c.left_minor)).label(
            "base_minor"
        ),
    ).group_by(credited.c.gift_id, credited.c.gift_date)
    if compared.credit == Credit.SOFT:
        sources = [_in_periods(per_gift.subquery("gifts"), compared)]
    else:
        again = _in_periods(credited, compared).subquery("again")
        sources = [select(part.c.g1, part.c.g2), select(-again.c.g1, -again.c.g2)]
        if not actor.sees_everyone:
            visible = select(DonorSummary.donor_id).where(
                visible_amounts(actor, DonorSummary.owner_id)
            )
            unseen = per_gift.where(credited.c.giver_id.not_in(visible)).subquery("gifts")
            sources.append(_in_periods(unseen, compared))
    rows = union_all(*sources).subquery("once")
    return select(
        func.coalesce(func.sum(rows.c.g1), 0).label("before"),
        func.coalesce(func.sum(rows.c.g2), 0).label("now"),
    )


def credits_of(actor: Actor, compared: ComparedPeriods) -> CTE | None:
    """Return the soft credits that count, or None: columns as of `giving_units.credited_gifts`."""
    if compared.credit == Credit.HARD:
        return None
    return _credits(actor, compared).cte("credited").prefix_with("materialized")


def _credits(actor: Actor, compared: ComparedPeriods) -> Select[Any]:
    """Return one row per unit and credited gift: what counts of it, and what is left of it."""
    rows = giving_units.credited_gifts(actor, compared.unit)
    columns = (rows.c.donor_id, rows.c.gift_id, rows.c.giver_id, rows.c.gift_date)
    if compared.fund_id is None:
        return select(*columns, rows.c.base_minor, rows.c.left_minor)
    part = (
        select(PART.c.gift_id, func.sum(PART.c.base_minor).label("minor"))
        .where(PART.c.fund_id == compared.fund_id)
        .where(PART.c.gift_id.in_(select(SoftCredit.gift_id)))
        .group_by(PART.c.gift_id)
        .subquery("part")
    )

    def share(minor: ColumnElement[int]) -> ColumnElement[int]:
        return cast(func.round(minor * part.c.minor / Gift.base_minor), BigInteger)

    return (
        select(
            *columns,
            share(rows.c.base_minor).label("base_minor"),
            share(rows.c.left_minor).label("left_minor"),
        )
        .select_from(rows)
        .join(part, part.c.gift_id == rows.c.gift_id)
        .join(Gift, Gift.id == rows.c.gift_id)
        .where(share(rows.c.base_minor) > 0)
    )


def _by_unit(actor: Actor, unit: Unit, rows: Subquery, names: Sequence[str]) -> Select[Any]:
    """Return the named columns with the unit of each row's donor."""
    columns = [rows.c[name] for name in names]
    if unit == Unit.PERSON:
        return select(rows.c.donor_id, *columns)
    members = giving_units.members(actor)
    unit_id = func.coalesce(members.c.household_id, rows.c.donor_id)
    return (
        select(unit_id.label("donor_id"), *columns)
        .select_from(rows)
        .outerjoin(members, members.c.id == rows.c.donor_id)
    )


def _in_periods(
    rows: FromClause, compared: ComparedPeriods, *columns: ColumnElement[Any]
) -> Select[Any]:
    """Return the columns, and g1 and g2: the amount of each row in the one or other period."""
    before, now = (within(rows.c.gift_date, span) for span in (compared.before, compared.now))
    minor = rows.c.base_minor
    return select(
        *columns,
        cast(case((before, minor), else_=0), Double).label("g1"),
        cast(case((now, minor), else_=0), Double).label("g2"),
    ).where(or_(before, now))
