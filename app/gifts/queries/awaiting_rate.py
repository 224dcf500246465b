"""SQL of gifts that wait for an exchange rate: their number and amounts by currency."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import Donor, Gift
from app.donors.queries.units import giving_units
from app.gifts.queries.filters import OF_PART, PART, in_scope, purposes, within
from app.gifts.results import GiftFilter
from app.kit.dates.days import Span


class GroupBy(StrEnum):
    """Whose gifts are counted apart."""

    DONOR = "donor"
    # with all members; a donor without a household counts as one
    HOUSEHOLD = "household"
    OWNER = "owner"
    FUND = "fund"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class SumScope:
    """Which gifts a sum counts: of any of these days, with or without a pledge; empty means all.

    `living` leaves out the gifts of donors who have died.
    """

    spans: tuple[Span, ...] = ()
    recurring: bool | None = None
    living: bool | None = None


EVERY_DAY = SumScope()


class AwaitingRow(Protocol):
    """The gifts in a currency that wait for a rate: of the sum `scope`, and of `key` if grouped.

    `minor` is net of reversals, in minor units of the currency.
    """

    scope: int
    key: int | None
    currency: str
    gifts: int
    minor: int
    first: date
    last: date


def awaiting_rate(
    db: Session,
    actor: Actor,
    gift_filter: GiftFilter,
    *,
    scopes: Sequence[SumScope] = (EVERY_DAY,),
    by: GroupBy | None = None,
    ids: Collection[int] | None = None,
) -> Sequence[AwaitingRow]:
    """Return the waiting gifts of the filter for each sum, by key and currency.

    `ids` restricts the keys. Of a fund or campaign only its own parts of split gifts count.
    """
    if not any_awaiting(db, actor):
        return ()
    statements = [
        _statement(actor, gift_filter, index, scope, by, ids) for index, scope in enumerate(scopes)
    ]
    every = union_all(*statements).subquery("awaiting")
    rows: Sequence[Any] = db.execute(
        select(every).order_by(every.c.scope, every.c.key, every.c.currency)
    ).all()
    return rows


def any_awaiting(db: Session, actor: Actor) -> bool:
    """Return whether a gift of the actor's donors waits; few organisations have one."""
    waiting = select(Gift.id).join(Donor, Donor.id == Gift.donor_id)
    return bool(
        db.scalar(select(waiting.where(Gift.awaiting_rate, visible_donors(actor)).exists()))
    )


def _statement(
    actor: Actor,
    gift_filter: GiftFilter,
    index: int,
    scope: SumScope,
    by: GroupBy | None,
    ids: Collection[int] | None,
) -> Select[Any]:
    purpose = by in {GroupBy.FUND, GroupBy.CAMPAIGN}
    in_parts = purpose or gift_filter.fund_id is not None or gift_filter.campaign_id is not None
    gifts = func.count(Gift.id.distinct()).filter(Gift.effective)
    key, joined = _grouped(select(), actor, by)
    statement = joined.add_columns(
        literal(index).label("scope"),
        key.label("key"),
        Gift.currency,
        gifts.label("gifts"),
        func.sum(PART.c.amount_minor if in_parts else Gift.amount_minor).label("minor"),
        func.min(Gift.gift_date).label("first"),
        func.max(Gift.gift_date).label("last"),
    )
    if in_parts:
        of_filter = and_(PART.c.gift_id == Gift.id, *purposes(OF_PART, gift_filter))
        statement = statement.join(PART, of_filter)
    if by is not None:
        statement = statement.where(key.is_not(None)).group_by(key)
    if ids is not None:
        statement = statement.where(key.in_(ids))
    if scope.spans:
        statement = statement.where(or_(*(within(span) for span in scope.spans)))
    narrowed = replace(
        gift_filter,
        recurring=gift_filter.recurring if scope.recurring is None else scope.recurring,
        living=gift_filter.living if scope.living is None else scope.living,
    )
    statement = statement.where(Gift.awaiting_rate).group_by(Gift.currency).having(gifts > 0)
    return in_scope(statement, actor, narrowed)


def _grouped(
    statement: Select[Any], actor: Actor, by: GroupBy | None
) -> tuple[ColumnElement[Any], Select[Any]]:
    """Return the key of the groups, and a select over gifts and donors that has it."""
    statement = statement.select_from(Gift).join(Donor, Donor.id == Gift.donor_id)
    if by == GroupBy.HOUSEHOLD:
        members = giving_units.members(actor)
        statement = statement.outerjoin(members, members.c.id == Gift.donor_id)
        return func.coalesce(members.c.household_id, Gift.donor_id), statement
    keys: dict[GroupBy, Any] = {
        GroupBy.DONOR: Gift.donor_id,
        GroupBy.OWNER: Donor.owner_id,
        GroupBy.FUND: PART.c.fund_id,
        GroupBy.CAMPAIGN: PART.c.campaign_id,
    }
    return (null() if by is None else keys[by]), statement
