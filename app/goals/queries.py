"""SQL of income by month."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, Row, and_, case, cast, func, or_, select

from app.accounts import Actor, visible_amounts
from app.db import Session
from app.db.models import Donor, DonorSummary, Gift, OwnerMonth
from app.kit.dates.days import Span


def months(
    db: Session, actor: Actor, *, first: date, end: date
) -> Sequence[Row[date, int, int, int]]:
    """Return (month, recurring, one-time, gifts) of the whole months in [first, end)."""
    return db.execute(
        select(
            OwnerMonth.month,
            func.sum(OwnerMonth.recurring_minor),
            func.sum(OwnerMonth.one_time_minor),
            func.sum(OwnerMonth.gifts),
        )
        .where(OwnerMonth.month >= first, OwnerMonth.month < end)
        .where(visible_amounts(actor, OwnerMonth.owner_id))
        .group_by(OwnerMonth.month)
        .order_by(OwnerMonth.month)
    ).all()


def sum_edges(
    db: Session, actor: Actor, *, edges: Sequence[tuple[Span, int]]
) -> tuple[int, int, int]:
    """Return (recurring, one-time, gifts) summed over spans, each counted with its sign."""
    if not edges:
        return 0, 0, 0
    inside = [and_(Gift.gift_date >= span.start, Gift.gift_date < span.end) for span, _ in edges]
    sign = case(*zip(inside, [sign for _, sign in edges], strict=True))
    minor = func.sum(sign * Gift.base_minor)
    statement = select(
        func.coalesce(minor.filter(Gift.recurring), 0),
        func.coalesce(minor.filter(~Gift.recurring), 0),
        func.coalesce(func.sum(sign).filter(Gift.effective), 0),
    ).where(or_(*inside))
    if not actor.sees_everyone:
        statement = statement.join(DonorSummary, DonorSummary.donor_id == Gift.donor_id)
        statement = statement.where(visible_amounts(actor, DonorSummary.owner_id))
    recurring, one_time, gifts = db.execute(statement).one()
    return int(recurring), int(one_time), int(gifts)


def one_time_of_deceased(db: Session, actor: Actor, *, span: Span) -> dict[date, int]:
    """Return month → minor units given without a pledge by donors who have died since."""
    month = cast(func.date_trunc("month", Gift.gift_date), Date)
    statement = (
        select(month, func.sum(Gift.base_minor))
        .join(Donor, Donor.id == Gift.donor_id)
        .where(
            Donor.deceased,
            ~Gift.recurring,
            Gift.gift_date >= span.start,
            Gift.gift_date < span.end,
            visible_amounts(actor, Donor.owner_id),
        )
        .group_by(month)
    )
    return {row[0]: int(row[1]) for row in db.execute(statement)}
