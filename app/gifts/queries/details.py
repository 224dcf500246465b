"""SQL of the parts of split gifts."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import select

from app.accounts import Actor
from app.db import Session
from app.db.models import Donor, Gift, GiftLine
from app.gifts.queries.filters import in_scope
from app.gifts.results import GiftFilter


class PartRow(Protocol):
    """A part of a split gift, in minor units of the gift's currency."""

    gift_id: int
    amount_minor: int
    currency: str
    fund_id: int | None
    campaign_id: int | None


def parts(db: Session, actor: Actor, gift_ids: Sequence[int]) -> Sequence[PartRow]:
    """Return the parts of these gifts, of those the actor may see."""
    columns: list[Any] = [
        GiftLine.gift_id,
        GiftLine.amount_minor,
        Gift.currency,
        GiftLine.fund_id,
        GiftLine.campaign_id,
    ]
    statement = (
        select(*columns)
        .select_from(GiftLine)
        .join(Gift, Gift.id == GiftLine.gift_id)
        .join(Donor, Donor.id == Gift.donor_id)
        .where(Gift.id.in_(gift_ids))
        .order_by(GiftLine.gift_id, GiftLine.id)
    )
    rows: Sequence[Any] = db.execute(in_scope(statement, actor, GiftFilter())).all()
    return rows
