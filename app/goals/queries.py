"""SQL of income by month."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, Row, cast, func, literal, select, union_all

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


def sums_within(
    db: Session, actor: Actor, *, spans: Sequence[Span]
) -> dict[Span, tuple[int, int, int]]:
    """Return span → (recurring, one-time, gifts) of the gifts and reversals within it."""
    if not spans:
        return {}
    minor = func.sum(Gift.base_minor)
    statements = []
    for index, span in enumerate(spans):
        statement = select(
            literal(index),
            func.coalesce(minor.filter(Gift.recurring), 0),
            func.coalesce(minor.filter(~Gift.recurring), 0),
            func.count().filter(Gift.effective),
        ).where(Gift.gift_date >= span.start, Gift.gift_date < span.end)
        if not actor.sees_everyone:
            statement = statement.join(DonorSummary, DonorSummary.donor_id == Gift.donor_id)
            statement = statement.where(visible_amounts(actor, DonorSummary.owner_id))
        statements.append(statement)
    rows = db.execute(union_all(*statements)).all()
    return {spans[row[0]]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}


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
