"""Income by month, promises in force and goals as SQL."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    and_,
    case,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    values,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts import Actor, visible_donors, visible_owners
from app.db import Session
from app.db.models import (
    Donor,
    DonorSummary,
    Gift,
    OwnerMonth,
    Pledge,
    PledgeAmount,
    PledgePause,
    User,
)
from app.kit.days import Span

Owners = Collection[int] | None
Edges = Sequence[tuple[Span, int]]


def in_scope(
    actor: Actor,
    owner: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    owners: Owners,
) -> ColumnElement[bool]:
    """Restrict to the owners the actor sees, and to the chosen ones among them."""
    seen = visible_owners(actor, owner)
    return seen if owners is None else and_(seen, owner.in_(owners))


def months(
    db: Session, actor: Actor, *, first: date, end: date, owners: Owners
) -> Sequence[Row[date, int, int]]:
    """Return (month, recurring, one-time) minor units of the whole months in [first, end)."""
    return db.execute(
        select(
            OwnerMonth.month,
            func.sum(OwnerMonth.recurring_minor),
            func.sum(OwnerMonth.one_time_minor),
        )
        .where(OwnerMonth.month >= first, OwnerMonth.month < end)
        .where(in_scope(actor, OwnerMonth.owner_id, owners))
        .group_by(OwnerMonth.month)
        .order_by(OwnerMonth.month)
    ).all()


def edges(db: Session, actor: Actor, *, edges: Edges, owners: Owners) -> tuple[int, int]:
    """Return the signed (recurring, one-time) minor units of some stretches of days."""
    if not edges:
        return 0, 0
    inside = [and_(Gift.gift_date >= one.start, Gift.gift_date < one.end) for one, _ in edges]
    sign = case(*zip(inside, [sign for _, sign in edges], strict=True))
    statement = select(
        func.coalesce(func.sum(sign * Gift.base_minor).filter(Gift.pledge_id.is_not(None)), 0),
        func.coalesce(func.sum(sign * Gift.base_minor).filter(Gift.pledge_id.is_(None)), 0),
    ).where(or_(*inside))
    if not (actor.sees_everyone and owners is None):
        statement = statement.join(DonorSummary, DonorSummary.donor_id == Gift.donor_id)
        statement = statement.where(in_scope(actor, DonorSummary.owner_id, owners))
    recurring, one_time = db.execute(statement).one()
    return int(recurring), int(one_time)


def promises(
    db: Session, actor: Actor, *, days: Sequence[date], owners: Owners
) -> Sequence[Row[date, str, str, int]]:
    """Return (day, currency, frequency, sum of amounts) of the promises in force on each day.

    In force: active, begun, not ended, not in a pause, and a fixed sum not yet all received.
    """
    day = values(column("day", Date), name="days").data([(one,) for one in days])
    amount = _amount_on(day.c.day)
    statement = (
        select(day.c.day, Pledge.currency, Pledge.frequency, func.sum(amount))
        .select_from(Pledge)
        .join(Donor, Donor.id == Pledge.donor_id)
        .join(day, true())
        .where(visible_donors(actor), Pledge.status == "active", Pledge.start_date <= day.c.day)
        .where(or_(Pledge.end_date.is_(None), Pledge.end_date >= day.c.day))
        .where(~_paused_on(day.c.day), _unfulfilled(day.c.day))
        .group_by(day.c.day, Pledge.currency, Pledge.frequency)
    )
    if owners is not None:
        statement = statement.where(Donor.owner_id.in_(owners))
    return db.execute(statement).all()


def goal(db: Session, actor: Actor, *, owners: Owners) -> int:
    """Return the sum of the monthly goals of the active people in scope, in minor units."""
    found = db.scalar(
        select(func.sum(User.monthly_goal_minor)).where(
            User.active, in_scope(actor, User.id, owners)
        )
    )
    return int(found or 0)


def _amount_on(day: ColumnElement[date]) -> ColumnElement[int]:
    latest = (
        select(PledgeAmount.amount_minor)
        .where(PledgeAmount.pledge_id == Pledge.id, PledgeAmount.effective_from <= day)
        .order_by(PledgeAmount.effective_from.desc())
        .limit(1)
        .correlate(Pledge)
        .scalar_subquery()
    )
    return func.coalesce(latest, Pledge.amount_minor)


def _paused_on(day: ColumnElement[date]) -> ColumnElement[bool]:
    return exists(
        select(literal(1)).where(
            PledgePause.pledge_id == Pledge.id,
            PledgePause.starts_on <= day,
            or_(PledgePause.ends_on.is_(None), PledgePause.ends_on >= day),
        )
    )


def _unfulfilled(day: ColumnElement[date]) -> ColumnElement[bool]:
    promised = func.coalesce(Pledge.total_minor, Pledge.amount_minor * Pledge.instalments)
    received = (
        select(func.coalesce(func.sum(Gift.amount_minor), 0))
        .where(Gift.pledge_id == Pledge.id, Gift.gift_date <= day)
        .scalar_subquery()
    )
    return or_(promised.is_(None), received < promised)
