"""SQL of the gifts behind a number, the months of a fund, and the months of single donors."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, cast, func, select

from app.accounts import Actor, visible_amounts
from app.db import Session
from app.db.models import Donor, DonorSummary, Fund, Gift, GiftLine, Organisation
from app.donors.anonymity import marked_anonymous, shown_name
from app.insights.queries.periods import PART
from app.kit.dates.days import Span


def organisation_row(db: Session) -> Organisation | None:
    """Return the organisation's row; while a caller holds it, the session does not reload it."""
    return db.get(Organisation, 1)


def drilldown_gifts(
    db: Session,
    actor: Actor,
    *,
    span: Span,
    fund_id: int | None,
    recurring: bool | None,
    limit: int,
) -> Sequence[Any]:
    """Return the newest gifts and reversals of a span, or their parts that went to a fund.

    Every row carries `number` and `total`: the count and minor units of all of them.
    """
    first_rows = _gifts(actor, span, fund_id, recurring).limit(limit).subquery("few")
    split_names = (
        select(func.string_agg(func.coalesce(Fund.name, "no fund"), ", "))
        .select_from(GiftLine)
        .outerjoin(Fund, Fund.id == GiftLine.fund_id)
        .where(GiftLine.gift_id == first_rows.c.gift_id)
        .scalar_subquery()
    )
    fund_name = select(Fund.name).where(Fund.id == first_rows.c.fund_id).scalar_subquery()
    return db.execute(
        select(
            *first_rows.c,
            Gift.awaiting_rate,
            shown_name(actor).label("donor_name"),
            marked_anonymous(actor).label("anonymous"),
            func.coalesce(fund_name, split_names).label("fund"),
        )
        .join(Donor, Donor.id == first_rows.c.donor_id)
        .join(Gift, Gift.id == first_rows.c.gift_id)
        .order_by(first_rows.c.gift_date.desc(), first_rows.c.gift_id.desc())
    ).all()


def _gifts(actor: Actor, span: Span, fund_id: int | None, recurring: bool | None) -> Select[Any]:  # noqa: FBT001
    source = Gift.__table__.c if fund_id is None else PART.c
    key = source.id if fund_id is None else source.gift_id
    rows = select(
        key.label("gift_id"),
        source.donor_id,
        source.gift_date,
        source.base_minor,
        source.fund_id,
        source.recurring,
        func.count().over().label("number"),
        func.sum(source.base_minor).over().label("total"),
    ).where(source.gift_date >= span.start, source.gift_date < span.end)
    if fund_id is not None:
        rows = rows.where(source.fund_id == fund_id)
    if recurring is not None:
        rows = rows.where(source.recurring == recurring)
    if not actor.sees_everyone:
        rows = rows.where(source.donor_id.in_(_visible_donor_ids(actor)))
    return rows.order_by(source.gift_date.desc(), key.desc())


def fund_months(
    db: Session, actor: Actor, *, span: Span, fund_id: int
) -> Sequence[tuple[date, int, int, int]]:
    """Return (month, recurring, one-time, gifts) received for a fund, in minor units."""
    month = cast(func.date_trunc("month", PART.c.gift_date), Date)
    minor = func.sum(PART.c.base_minor)
    statement = (
        select(
            month,
            func.coalesce(minor.filter(PART.c.recurring), 0),
            func.coalesce(minor.filter(~PART.c.recurring), 0),
            func.count(PART.c.gift_id.distinct()).filter(PART.c.effective),
        )
        .where(PART.c.gift_date >= span.start, PART.c.gift_date < span.end)
        .where(PART.c.fund_id == fund_id)
        .group_by(month)
    )
    if not actor.sees_everyone:
        statement = statement.where(PART.c.donor_id.in_(_visible_donor_ids(actor)))
    rows = db.execute(statement).all()
    return [(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]


def donor_months(
    db: Session, actor: Actor, *, donor_ids: Collection[int], span: Span
) -> Sequence[tuple[int, date, int]]:
    """Return (donor, month, minor units) of the donors' gifts within a span."""
    month = cast(func.date_trunc("month", Gift.gift_date), Date)
    rows = db.execute(
        select(Gift.donor_id, month, func.sum(Gift.base_minor))
        .join(Donor, Donor.id == Gift.donor_id)
        .where(visible_amounts(actor, Donor.owner_id), Gift.donor_id.in_(donor_ids))
        .where(Gift.gift_date >= span.start, Gift.gift_date < span.end)
        .group_by(Gift.donor_id, month)
    ).all()
    return [(row[0], row[1], int(row[2])) for row in rows]


def _visible_donor_ids(actor: Actor) -> Select[Any]:
    return select(DonorSummary.donor_id).where(visible_amounts(actor, DonorSummary.owner_id))
