"""SQL of income by month."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, Row, Select, cast, func, literal, select, union_all

from app.accounts import Actor, visible_amounts
from app.db import Session
from app.db.models import Donor, DonorSummary, Gift, OwnerMonth
from app.kit.dates.days import Span


def months(
    db: Session, actor: Actor, *, first: date, end: date
) -> Sequence[Row[date, int, int, int]]:
    """Return (month, recurring, one-time, gifts) of the whole months in [first, end)."""
    return db.execute(_months(actor, first, end)).all()


def months_by_owner(
    db: Session, actor: Actor, *, first: date, end: date
) -> dict[int, dict[date, tuple[int, int, int]]]:
    """Return owner → month → (recurring, one-time, gifts) of the whole months in [first, end)."""
    statement = _months(actor, first, end).add_columns(OwnerMonth.owner_id)
    statement = statement.group_by(OwnerMonth.owner_id)
    by_owner: dict[int, dict[date, tuple[int, int, int]]] = {}
    for month, recurring, one_time, gifts, owner_id in db.execute(statement):
        sums = int(recurring), int(one_time), int(gifts)
        by_owner.setdefault(owner_id, {})[month] = sums
    return by_owner


def _months(actor: Actor, first: date, end: date) -> Select[date, int, int, int]:
    return (
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
    )


def sums_within(
    db: Session, actor: Actor, *, spans: Sequence[Span]
) -> dict[Span, tuple[int, int, int]]:
    """Return span → (recurring, one-time, gifts) of the gifts and reversals within it."""
    if not spans:
        return {}
    statements = []
    for index, span in enumerate(spans):
        statement = _sums(index, span)
        statements.append(statement if actor.sees_everyone else _of_owners(statement, actor))
    rows = db.execute(union_all(*statements)).all()
    return {spans[row[0]]: (int(row[1]), int(row[2]), int(row[3])) for row in rows}


def sums_within_by_owner(
    db: Session, actor: Actor, *, spans: Sequence[Span]
) -> dict[int, dict[Span, tuple[int, int, int]]]:
    """Return owner → span → (recurring, one-time, gifts), without spans that have no gifts."""
    if not spans:
        return {}
    owner = DonorSummary.owner_id
    statements = [
        _of_owners(_sums(index, span), actor).add_columns(owner).group_by(owner)
        for index, span in enumerate(spans)
    ]
    by_owner: dict[int, dict[Span, tuple[int, int, int]]] = {}
    for index, recurring, one_time, gifts, owner_id in db.execute(union_all(*statements)):
        if owner_id is not None:
            sums = int(recurring), int(one_time), int(gifts)
            by_owner.setdefault(owner_id, {})[spans[index]] = sums
    return by_owner


def _sums(index: int, span: Span) -> Select[int, int, int, int]:
    minor = func.sum(Gift.base_minor)
    return select(
        literal(index),
        func.coalesce(minor.filter(Gift.recurring), 0),
        func.coalesce(minor.filter(~Gift.recurring), 0),
        func.count().filter(Gift.effective),
    ).where(Gift.gift_date >= span.start, Gift.gift_date < span.end)


def _of_owners(statement: Select[int, int, int, int], actor: Actor) -> Select[int, int, int, int]:
    joined = statement.join(DonorSummary, DonorSummary.donor_id == Gift.donor_id)
    return joined.where(visible_amounts(actor, DonorSummary.owner_id))


def one_time_of_deceased(db: Session, actor: Actor, *, span: Span) -> dict[date, int]:
    """Return month → minor units given without a pledge by donors who have died since."""
    return {row[0]: int(row[1]) for row in db.execute(_of_deceased(actor, span))}


def one_time_of_deceased_by_owner(
    db: Session, actor: Actor, *, span: Span
) -> dict[int, dict[date, int]]:
    """Return the result of `one_time_of_deceased` by owner."""
    statement = _of_deceased(actor, span).add_columns(Donor.owner_id).group_by(Donor.owner_id)
    by_owner: dict[int, dict[date, int]] = {}
    for month, minor, owner_id in db.execute(statement.where(Donor.owner_id.is_not(None))):
        by_owner.setdefault(owner_id, {})[month] = int(minor)
    return by_owner


def _of_deceased(actor: Actor, span: Span) -> Select[date, int]:
    month = cast(func.date_trunc("month", Gift.gift_date), Date)
    return (
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
