"""SQL of changes between two periods, from yearly sums where these are sufficient."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.accounts import Actor, visible_amounts
from app.db import Session
from app.db.models import Donor, DonorSummary, DonorYear, Gift
from app.donors import Credit, Unit
from app.donors.anonymity import marked_anonymous, shown_name
from app.insights.queries.awaiting_rate import gave_without_rate
from app.insights.queries.periods import PART, ComparedPeriods, within
from app.insights.queries.units import counted_once, credits_of, per_unit
from app.kit.dates.days import Span

# "corrected": donors with only net refunds, in either period; "shared" has no donors
CHANGES = ("new", "back", "up", "same", "down", "lapsed new", "lapsed", "corrected", "shared")


class ChangeRow(Protocol):
    """A row of `changes`: the sums of a kind of change (part "sum"), or one donor."""

    part: str
    kind: int
    donor_id: int
    name: str
    anonymous: bool
    donors: int
    before: float
    now: float
    first_time: int


def changes(
    db: Session, actor: Actor, compared: ComparedPeriods, *, limit: int
) -> Sequence[ChangeRow]:
    """Return rows (part, kind, donor_id, name, and the fields of rules.Sums).

    Part "sum" has one row per kind of change; "top" the donors who gave most now; "moved" those
    whose giving changed most; "once", with soft credits, the sums that count each gift once.
    Amounts are minor units.
    """
    credited = credits_of(actor, compared)
    part = _per_donor(actor, compared, credited).cte("per_donor").prefix_with("materialized")
    kind = _kind(actor, part, compared)
    sums = select(
        literal("sum").label("part"),
        kind.label("kind"),
        null().cast(BigInteger).label("donor_id"),
        func.count().label("donors"),
        func.sum(part.c.g1).label("before"),
        func.sum(part.c.g2).label("now"),
        func.count().filter(part.c.first_day >= compared.before.start).label("first_time"),
    ).group_by(kind)
    top = _largest(part, "top", [part.c.g2.desc()], limit).where(part.c.g2 > 0)
    difference = part.c.g2 - part.c.g1
    moved = _largest(part, "moved", [func.abs(difference).desc()], limit).where(difference != 0)
    named = union_all(*(select(ranking.subquery()) for ranking in (top, moved))).subquery("named")
    unnamed = [sums]
    if credited is not None:
        unnamed.append(_once(counted_once(actor, compared, part, credited).subquery("counted")))
    rows: Sequence[Any] = db.execute(
        union_all(
            *(
                select(*part_sums.subquery().c, null().label("name"), false().label("anonymous"))
                for part_sums in unnamed
            ),
            select(*named.c, shown_name(actor), marked_anonymous(actor)).join(
                Donor, Donor.id == named.c.donor_id
            ),
        )
    ).all()
    return rows


def _once(once: FromClause) -> Select[Any]:
    return select(
        literal("once").label("part"),
        literal(-1).label("kind"),
        null().cast(BigInteger).label("donor_id"),
        literal(0).label("donors"),
        once.c.before,
        once.c.now,
        literal(0).label("first_time"),
    )


def _largest(
    part: FromClause, label: str, order: Sequence[ColumnElement[Any]], limit: int
) -> Select[Any]:
    zero = literal(0)
    return (
        select(
            literal(label).label("part"),
            literal(-1).label("kind"),
            part.c.donor_id,
            zero.label("donors"),
            part.c.g1.label("before"),
            part.c.g2.label("now"),
            zero.label("first_time"),
        )
        .order_by(*order, part.c.donor_id)
        .limit(limit)
    )


def drilldown_donors(
    db: Session, actor: Actor, compared: ComparedPeriods, *, kinds: Sequence[str], limit: int
) -> Sequence[Any]:
    """Return (donor_id, name, g1, g2, count, Σg1, Σg2, anonymous) by size of change."""
    part = _per_donor(actor, compared, credits_of(actor, compared)).subquery("per_donor")
    kind = _kind(actor, part, compared)
    difference = func.abs(part.c.g2 - part.c.g1)
    return db.execute(
        select(
            part.c.donor_id,
            shown_name(actor),
            part.c.g1,
            part.c.g2,
            func.count().over(),
            func.sum(part.c.g1).over(),
            func.sum(part.c.g2).over(),
            marked_anonymous(actor),
        )
        .join(Donor, Donor.id == part.c.donor_id)
        .where(kind.in_([CHANGES.index(kind_name) for kind_name in kinds]))
        .order_by(difference.desc(), part.c.donor_id)
        .limit(limit)
    ).all()


def _per_donor(actor: Actor, compared: ComparedPeriods, credited: CTE | None) -> Select[Any]:
    """Return donor_id, g1, g2 and the first gift's day of every donor with money in either.

    The day is None when it lies before both periods. One pass over all sources is several times
    faster than joining; sums of whole numbers below 2^53 are exact in double precision, and
    faster than numeric.
    """
    sources = _own_sources(actor, compared)
    if (compared.unit, compared.credit) != (Unit.PERSON, Credit.HARD):
        return per_unit(actor, compared, sources, _first_days(compared), credited)
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


def _own_sources(actor: Actor, compared: ComparedPeriods) -> list[Select[Any]]:
    """Return the sources of own gifts of the actor's donors."""
    sources = _fund_sources(compared) if compared.fund_id is not None else _year_sources(compared)
    if actor.sees_everyone:
        return sources
    visible = select(DonorSummary.donor_id).where(visible_amounts(actor, DonorSummary.owner_id))
    return [source.where(source.selected_columns.donor_id.in_(visible)) for source in sources]


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
    g1: ColumnElement[Any],
    g2: ColumnElement[Any],
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
    # all gifts were reversed: donors who have money in a period all the same count as new
    all_reversed = _source(
        DonorSummary.donor_id, literal(0), literal(0), literal(compared.now.end)
    ).where(
        DonorSummary.first_gift_date.is_(None),
        DonorSummary.donor_id.in_(select(DonorYear.donor_id)),
    )
    return [years, began, all_reversed, *_edge_sources(compared)]


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


def _kind(actor: Actor, part: FromClause, compared: ComparedPeriods) -> ColumnElement[int]:
    """Return the kind of change as its index in CHANGES.

    A net refund in a period is no giving; a gift that waits for an exchange rate is.
    """
    gave_before = or_(part.c.g1 > 0, gave_without_rate(actor, compared, part, compared.before))
    gave_now = or_(part.c.g2 > 0, gave_without_rate(actor, compared, part, compared.now))
    new = part.c.first_day >= compared.now.start
    began_before = part.c.first_day >= compared.before.start
    lapsed = case((began_before, CHANGES.index("lapsed new")), else_=CHANGES.index("lapsed"))
    return case(
        (and_(gave_before, ~gave_now), lapsed),
        (
            and_(gave_now, ~gave_before),
            case((new, CHANGES.index("new")), else_=CHANGES.index("back")),
        ),
        (~gave_before, CHANGES.index("corrected")),
        (part.c.g2 > part.c.g1, CHANGES.index("up")),
        (part.c.g2 < part.c.g1, CHANGES.index("down")),
        else_=CHANGES.index("same"),
    )
