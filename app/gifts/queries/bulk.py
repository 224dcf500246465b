"""SQL of changes of many gifts at once: which may be changed, why not, and the change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    Update,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from app.accounts import Actor, giftable_donors, visible_amounts
from app.db import Session
from app.db.models import Donor, Fund, Gift, GiftLine

# why a gift is left aside; null: it is changed
Reason = ColumnElement[Any]


def why_not_thank(actor: Actor) -> Reason:
    """Return why a gift cannot be marked as thanked."""
    return _first(
        (giftable_donors(actor).is_not(true()), "others"),
        (Gift.kind == "reversal", "reversal"),
        (Gift.thanked_at.is_not(None), "thanked"),
        (Gift.returned_minor >= Gift.amount_minor, "taken back"),
    )


def why_not_unthank(actor: Actor, at: datetime | None) -> Reason:
    """Return why the thanks of this moment cannot be taken from a gift."""
    return _first(
        (giftable_donors(actor).is_not(true()), "others"),
        (Gift.thanked_at.is_distinct_from(at), "changed"),
    )


def why_not_move(actor: Actor, fund_id: int | None) -> Reason:
    """Return why a gift cannot get another fund."""
    return _first(
        (giftable_donors(actor).is_not(true()), "others"),
        (Gift.kind == "reversal", "reversal"),
        (_is_split(), "split"),
        (
            Gift.fund_id.is_not_distinct_from(fund_id),
            "no fund" if fund_id is None else "same fund",
        ),
        (Gift.returned_minor > 0, "taken back"),
        (Gift.receipt_number.is_not(None), "receipt"),
    )


def why_not_restore(actor: Actor, fund_id: int | None) -> Reason:
    """Return why a gift that got this fund cannot get the one from before.

    The fund may have been merged since.
    """
    merged = select(Fund.merged_into_id).where(Fund.id == fund_id).scalar_subquery()
    return _first(
        (giftable_donors(actor).is_not(true()), "others"),
        (Gift.fund_id.is_distinct_from(func.coalesce(merged, fund_id)), "changed"),
        (_is_split(), "split"),
        (Gift.returned_minor > 0, "taken back"),
        (Gift.receipt_number.is_not(None), "receipt"),
    )


def _first(*reasons: tuple[ColumnElement[bool], str]) -> Reason:
    return case(*((condition, literal(reason, Text)) for condition, reason in reasons))


def _is_split() -> ColumnElement[bool]:
    return exists().where(GiftLine.gift_id == Gift.id).correlate(Gift)


def any_giftable(db: Session, actor: Actor, ids: Sequence[int]) -> bool:
    """Return whether the actor may change any of the gifts."""
    statement = select(Gift.id).join(Donor, Donor.id == Gift.donor_id)
    found = db.scalar(statement.where(_among(ids), giftable_donors(actor)).limit(1))
    return found is not None


def lock(db: Session, actor: Actor, ids: Sequence[int]) -> None:
    """Lock those of the gifts that the actor may change, in the order of their ids.

    The statements that follow see what other transactions have saved until then.
    """
    db.execute(
        select(Gift.id)
        .join(Donor, Donor.id == Gift.donor_id)
        .where(_among(ids), giftable_donors(actor))
        .order_by(Gift.id)
        .with_for_update(of=Gift)
    )


def left_aside(db: Session, actor: Actor, ids: Sequence[int], reason: Reason) -> dict[str, int]:
    """Return how many gifts are left aside, by reason; those not visible are of others."""
    statement = (
        select(reason.label("reason"), func.count())
        .select_from(Gift)
        .join(Donor, Donor.id == Gift.donor_id)
        .where(_among(ids), visible_amounts(actor, Donor.owner_id))
        .group_by("reason")
    )
    found: dict[str | None, int] = {row[0]: row[1] for row in db.execute(statement)}
    left = {name: number for name, number in found.items() if name is not None}
    unseen = len(ids) - sum(found.values())
    return left | {"others": left.get("others", 0) + unseen} if unseen else left


def to_change(db: Session, actor: Actor, ids: Sequence[int], reason: Reason) -> tuple[int, ...]:
    """Return the gifts that are not left aside."""
    statement = select(Gift.id).join(Donor, Donor.id == Gift.donor_id)
    rows = statement.where(_among(ids), giftable_donors(actor), reason.is_(None))
    return tuple(db.scalars(rows.order_by(Gift.id)))


def thank(
    db: Session,
    actor: Actor,
    ids: Sequence[int],
    reason: Reason,
    *,
    how: str | None,
    at: datetime | None,
) -> dict[int, int | None]:
    """Mark gifts as thanked, or with no moment as not thanked; return the changed ones."""
    by_id = (actor.user_id or None) if at is not None else None
    values = {"thanked_at": at, "thanked_by": by_id, "thanked_how": how}
    return _change(db, actor, ids, reason, update(Gift).values(values))


def move(
    db: Session, actor: Actor, ids: Sequence[int], reason: Reason, *, fund_id: int | None
) -> dict[int, int | None]:
    """Give gifts another fund; return the fund that each had before."""
    values = update(Gift).values(fund_id=fund_id, version=Gift.version + 1)
    return _change(db, actor, ids, reason, values)


def restore(
    db: Session, actor: Actor, funds: Mapping[int, int | None], reason: Reason
) -> dict[int, int | None]:
    """Give gifts the funds of a mapping; return the fund that each had before."""
    pairs = func.unnest(_ids(list(funds)), _ids(list(funds.values())))
    was = pairs.table_valued("gift_id", "fund_id", name="was").render_derived()
    # a fund that is gone has no row, and its gifts keep the one they have
    old = (
        select(was.c.gift_id, func.coalesce(Fund.merged_into_id, Fund.id).label("fund_id"))
        .select_from(was)
        .outerjoin(Fund, Fund.id == was.c.fund_id)
        .where(or_(was.c.fund_id.is_(None), Fund.id.is_not(None)))
        .cte("old")
    )
    statement = update(Gift).where(Gift.id == old.c.gift_id)
    values = statement.values(fund_id=old.c.fund_id, version=Gift.version + 1)
    return _change(db, actor, list(funds), reason, values)


def open_fund_name(db: Session, fund_id: int) -> str | None:
    """Return the name of an open fund."""
    return db.scalar(select(Fund.name).where(Fund.id == fund_id, Fund.status == "active"))


def _change(
    db: Session, actor: Actor, ids: Sequence[int], reason: Reason, change: Update
) -> dict[int, int | None]:
    """Do the change for the gifts without a reason against it; return the fund of each before."""
    chosen = (
        select(Gift.id, Gift.fund_id)
        .join(Donor, Donor.id == Gift.donor_id)
        .where(_among(ids), giftable_donors(actor), reason.is_(None))
        .cte("chosen")
    )
    statement = change.where(Gift.id == chosen.c.id).returning(chosen.c.id, chosen.c.fund_id)
    rows = db.execute(statement, execution_options={"synchronize_session": False})
    return {row[0]: row[1] for row in rows}


def _among(ids: Sequence[int]) -> ColumnElement[bool]:
    return Gift.id == func.any(_ids(ids))


def _ids(ids: Sequence[int | None]) -> ColumnElement[Any]:
    # one parameter, however many ids there are
    return cast(literal(list(ids), ARRAY(BigInteger)), ARRAY(BigInteger))
