"""SQL of unlinked gifts that may pay a pledge."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from app.accounts import Actor, giftable_donors
from app.db import Session
from app.db.models import Donor, Gift, Pledge, PledgeRefusal
from app.gifts.queries.filters import in_scope
from app.gifts.queries.rows import UnlinkedGift
from app.gifts.results import GiftFilter


def unlinked(
    db: Session,
    actor: Actor,
    *,
    donor_id: int | None,
    pledge_id: int | None,
    import_run_id: int | None,
    owner_id: int | None,
    since: date | None,
    limit: int,
) -> Sequence[UnlinkedGift]:
    """Return the newest effective gifts without a pledge that may pay one of their donor's.

    Only gifts the actor may link; the pledge has begun by the gift's day and not ended before
    it, and no user has said that the gift does not pay it.
    """
    columns: list[Any] = [
        Gift.id,
        Gift.donor_id,
        Donor.name.label("donor_name"),
        Gift.left_minor.label("left_minor"),
        Gift.currency,
        Gift.gift_date,
    ]
    statement = (
        select(*columns)
        .join(Donor, Donor.id == Gift.donor_id)
        .where(Gift.pledge_id.is_(None), Gift.effective, _may_pay(pledge_id))
        .where(giftable_donors(actor))
        .order_by(Gift.gift_date.desc(), Gift.id.desc())
        .limit(limit)
    )
    if import_run_id is not None:
        statement = statement.where(Gift.import_run_id == import_run_id)
    if since is not None:
        statement = statement.where(Gift.gift_date > since)
    gift_filter = GiftFilter(donor_id=donor_id, owner_id=owner_id)
    return db.execute(in_scope(statement, actor, gift_filter)).all()


def _may_pay(pledge_id: int | None) -> ColumnElement[bool]:
    """Return a condition: a pledge of the donor, or this one, runs on the gift's day."""
    refused = exists().where(
        PledgeRefusal.gift_id == Gift.id, PledgeRefusal.pledge_id == Pledge.id
    )
    pledge_runs = exists().where(
        Pledge.donor_id == Gift.donor_id,
        Pledge.currency == Gift.currency,
        Pledge.start_date <= Gift.gift_date,
        or_(Pledge.end_date.is_(None), Pledge.end_date >= Gift.gift_date),
        ~refused.correlate(Gift, Pledge),
    )
    if pledge_id is not None:
        pledge_runs = pledge_runs.where(Pledge.id == pledge_id)
    return pledge_runs.correlate(Gift)
