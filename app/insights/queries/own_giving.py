"""SQL of what each donor gave in two periods: from stored sums, corrected by single gifts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Double,
    Select,
    SQLColumnExpression,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.accounts import Actor, visible_amounts
from app.db.models import DonorSummary, DonorYear, Gift
from app.donors import Credit, Unit
from app.insights.queries import stored_periods
from app.insights.queries.periods import PART, ComparedPeriods, within
from app.insights.queries.units import per_unit
from app.kit.dates.days import Span


def per_donor(actor: Actor, compared: ComparedPeriods, credited: CTE | None) -> Select[Any]:
    """Return donor_id, g1, g2 and the first gift's day of every donor with money in either.

    The day is None when it lies before both periods. One pass over all sources is several times
    faster than joining; sums of whole numbers below 2^53 are exact in double precision, and
    faster than numeric.
    """
    if (compared.unit, compared.credit) != (Unit.PERSON, Credit.HARD):
        own, first_days = _sources(actor, compared), _first_days(compared)
        return per_unit(actor, compared, own, first_days, credited)
    if compared.stored:
        return _from_stored(actor, compared)
    return _added_up(_sources(actor, compared))


def _added_up(sources: Sequence[Select[Any]]) -> Select[Any]:
    amounts = union_all(*sources).subquery("amounts")
    g1, g2 = func.sum(amounts.c.g1), func.sum(amounts.c.g2)
    return (
        select(
            amounts.c.donor_id,
            g1.label("g1"),
            g2.label("g2"),
            func.max(amounts.c.first_day).label("first_day"),
        )
        .group_by(amounts.c.donor_id)
        .having(or_(g1 != 0, g2 != 0))
    )


def _from_stored(actor: Actor, compared: ComparedPeriods) -> Select[Any]:
    """Return donor_id, g1, g2 and first_day of the actor's donors with money in either period.

    One row of `donor_summary` for each donor, and the gifts of the days by which its periods
    differ from the compared ones.
    """
    shifted = stored_periods.shifts_by_donor(compared.before, compared.now)
    g1 = cast(DonorSummary.before_minor, Double) + func.coalesce(shifted.c.g1, 0)
    g2 = cast(DonorSummary.now_minor, Double) + func.coalesce(shifted.c.g2, 0)
    return (
        select(
            DonorSummary.donor_id,
            g1.label("g1"),
            g2.label("g2"),
            _first_day(compared).label("first_day"),
        )
        .outerjoin(shifted, shifted.c.donor_id == DonorSummary.donor_id)
        .where(or_(g1 != 0, g2 != 0), visible_amounts(actor, DonorSummary.owner_id))
    )


def _stored_sources(compared: ComparedPeriods) -> list[Select[Any]]:
    stored = _source(
        DonorSummary.donor_id,
        DonorSummary.before_minor,
        DonorSummary.now_minor,
        _first_day(compared),
    )
    shifts = stored_periods.shifts_by_donor(compared.before, compared.now).c
    return [stored, _source(shifts.donor_id, shifts.g1, shifts.g2)]


def _first_day(compared: ComparedPeriods) -> ColumnElement[Any]:
    """Return the day of a donor's first gift, or None when it lies before both periods.

    Donors whose gifts were all reversed, and who have money in a period all the same, count as
    new.
    """
    first = func.coalesce(DonorSummary.first_gift_date, compared.now.end)
    return case((first >= compared.before.start, first), else_=None)


def _sources(actor: Actor, compared: ComparedPeriods) -> list[Select[Any]]:
    """Return sources of donor_id, g1, g2 and first_day: what the actor's donors gave themselves.

    `first_day` is None when it lies before both periods, and in sources that do not know it.
    """
    if compared.fund_id is not None:
        found = _fund_sources(compared)
    elif compared.stored:
        found = _stored_sources(compared)
    else:
        found = _year_sources(compared)
    if actor.sees_everyone:
        return found
    visible = select(DonorSummary.donor_id).where(visible_amounts(actor, DonorSummary.owner_id))
    return [source.where(source.selected_columns.donor_id.in_(visible)) for source in found]


def _first_days(compared: ComparedPeriods) -> Select[Any]:
    """Return (donor_id, day) of the first gift of every donor, within the fund if there is one."""
    if compared.fund_id is None:
        day: Any = DonorSummary.first_gift_date.label("day")
        return select(DonorSummary.donor_id, day)
    first = func.min(PART.c.gift_date).filter(PART.c.effective)
    of_fund = PART.c.fund_id == compared.fund_id
    return select(PART.c.donor_id, first.label("day")).where(of_fund).group_by(PART.c.donor_id)


def _source(
    donor_id: SQLColumnExpression[int],
    g1: SQLColumnExpression[Any],
    g2: SQLColumnExpression[Any],
    first_day: SQLColumnExpression[Any] | None = None,
) -> Select[Any]:
    day = null() if first_day is None else first_day
    return select(
        donor_id.label("donor_id"),
        cast(g1, Double).label("g1"),
        cast(g2, Double).label("g2"),
        cast(day, Date).label("first_day"),
    )


def _fund_sources(compared: ComparedPeriods) -> list[Select[Any]]:
    before = within(PART.c.gift_date, compared.before)
    now = within(PART.c.gift_date, compared.now)
    amounts = _source(
        PART.c.donor_id,
        case((before, PART.c.base_minor), else_=0),
        case((now, PART.c.base_minor), else_=0),
    )
    first = func.min(PART.c.gift_date).filter(PART.c.effective)
    began = func.coalesce(first, compared.now.end)
    firsts = _source(PART.c.donor_id, literal(0), literal(0), began).group_by(PART.c.donor_id)
    return [
        amounts.where(PART.c.fund_id == compared.fund_id, or_(before, now)),
        firsts.where(PART.c.fund_id == compared.fund_id).having(began >= compared.before.start),
    ]


def _year_sources(compared: ComparedPeriods) -> list[Select[Any]]:
    """Return sources that read whole fiscal years from their sums, and only edges from gifts."""
    first, second = (
        [block.last.year for block in cover.blocks]
        for cover in (compared.before_cover, compared.now_cover)
    )
    year, total = DonorYear.fiscal_year, DonorYear.total_minor
    years = _source(
        DonorYear.donor_id,
        case((year.in_(first), total), else_=0),
        case((year.in_(second), total), else_=0),
    ).where(year.in_(sorted({*first, *second})))
    began = _source(
        DonorSummary.donor_id, literal(0), literal(0), DonorSummary.first_gift_date
    ).where(DonorSummary.first_gift_date >= compared.before.start)
    edges = _edge_sources(compared)
    # all gifts were reversed: donors who have money in a period all the same count as new
    all_reversed = _source(
        DonorSummary.donor_id, literal(0), literal(0), literal(compared.now.end)
    ).where(
        DonorSummary.first_gift_date.is_(None),
        DonorSummary.donor_id.in_(
            union_all(
                select(DonorYear.donor_id),
                *(edge.with_only_columns(Gift.donor_id) for edge in edges),
            )
        ),
    )
    return [years, began, all_reversed, *edges]


def _edge_sources(compared: ComparedPeriods) -> list[Select[Any]]:
    """Return one source per edge span, even if both periods need it."""
    signs: dict[Span, tuple[int, int]] = {}
    for span, sign in compared.before_cover.edges:
        signs[span] = (sign, 0)
    for span, sign in compared.now_cover.edges:
        signs[span] = (signs.get(span, (0, 0))[0], sign)
    return [
        _source(Gift.donor_id, before * Gift.base_minor, now * Gift.base_minor).where(
            within(Gift.gift_date, span)
        )
        for span, (before, now) in signs.items()
    ]
