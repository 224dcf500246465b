"""SQL statements that write gifts; database triggers update the sums."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from app.accounts import Actor, giftable_donors
from app.db import Session
from app.db.models import Campaign, Donor, Fund, Gift, GiftLine, Pledge, PledgeRefusal


def giftable(db: Session, actor: Actor, donor_id: int) -> str | None:
    """Return the donor's name, or None when the actor may not record their gifts."""
    statement = select(Donor.name).where(Donor.id == donor_id, giftable_donors(actor))
    return db.scalar(statement)


def add(db: Session, **values: object) -> int:
    """Insert a gift or a reversal and return its id."""
    return db.execute(insert(Gift).values(**values).returning(Gift.id)).scalar_one()


def add_parts(db: Session, rows: Sequence[dict[str, object]]) -> None:
    """Insert the parts of a split gift."""
    if rows:
        db.execute(insert(GiftLine), rows)


def remove_parts(db: Session, gift_id: int) -> None:
    """Delete the parts of a split gift."""
    db.execute(delete(GiftLine).where(GiftLine.gift_id == gift_id))


def locked(db: Session, actor: Actor, gift_id: int) -> Gift | None:
    """Lock the gift row and return it, or None when the actor may not change it."""
    return db.scalar(
        select(Gift)
        .join(Donor, Donor.id == Gift.donor_id)
        .where(Gift.id == gift_id, giftable_donors(actor))
        .with_for_update(of=Gift)
        .execution_options(populate_existing=True)
    )


def change(db: Session, gift_id: int, **values: object) -> None:
    """Update columns of a gift and increment its version."""
    row = update(Gift).where(Gift.id == gift_id)
    db.execute(row.values(version=Gift.version + 1, **values))


def move_reversals(db: Session, gift_id: int, **links: object) -> None:
    """Give the reversals of a gift the gift's new fund, campaign and pledge."""
    db.execute(update(Gift).where(Gift.reverses_id == gift_id).values(**links))


def reversed_sums(db: Session, gift_id: int) -> tuple[int, int]:
    """Return the sum of the gift's reversals so far: (minor units, base minor units)."""
    statement = select(
        func.coalesce(-func.sum(Gift.amount_minor), 0),
        func.coalesce(-func.sum(Gift.base_minor), 0),
    )
    row = db.execute(statement.where(Gift.reverses_id == gift_id)).one()
    return int(row[0]), int(row[1])


def parts(db: Session, gift_id: int) -> Sequence[Row[int, int, int | None, int | None]]:
    """Return the parts of a split gift."""
    statement = select(
        GiftLine.amount_minor, GiftLine.base_minor, GiftLine.fund_id, GiftLine.campaign_id
    )
    return db.execute(statement.where(GiftLine.gift_id == gift_id).order_by(GiftLine.id)).all()


def pledge_of(db: Session, pledge_id: int, donor_id: int) -> str | None:
    """Return the currency of a pledge of the donor or household, or None for any other."""
    donor, member = aliased(Donor), aliased(Donor)
    family = func.coalesce(donor.household_id, donor.id)
    household = (
        select(member.id)
        .join(donor, func.coalesce(member.household_id, member.id) == family)
        .where(donor.id == donor_id)
    )
    statement = select(Pledge.currency).where(
        Pledge.id == pledge_id,
        or_(Pledge.donor_id == donor_id, Pledge.donor_id.in_(household)),
    )
    return db.scalar(statement)


def refuse(
    db: Session, *, gift_id: int, donor_id: int, pledge_ids: Sequence[int], by: int
) -> None:
    """Store that a gift does not pay these pledges; existing rows are ignored."""
    rows = [
        {
            "gift_id": gift_id,
            "donor_id": donor_id,
            "pledge_id": pledge_id,
            "refused_by": by or None,
        }
        for pledge_id in pledge_ids
    ]
    if rows:
        db.execute(upsert(PledgeRefusal).values(rows).on_conflict_do_nothing())


def donors_concerned(db: Session, donor_id: int, pledge_ids: Iterable[int | None]) -> list[int]:
    """Return a gift's donor and the donors of these pledges, whose alerts the gift may change."""
    wanted = {pledge_id for pledge_id in pledge_ids if pledge_id is not None}
    owners = select(Pledge.donor_id).where(Pledge.id.in_(wanted))
    return sorted({donor_id, *(db.scalars(owners) if wanted else ())})


def linked_pledge(db: Session, gift_id: int) -> int | None:
    """Return the pledge a gift is linked to now."""
    return db.scalar(select(Gift.pledge_id).where(Gift.id == gift_id))


def all_open(db: Session, model: type[Fund | Campaign], ids: Iterable[int | None]) -> bool:
    """Return whether all of these funds or campaigns exist and are open; None counts as one."""
    wanted = {purpose_id for purpose_id in ids if purpose_id is not None}
    if not wanted:
        return True
    statement = select(func.count()).where(model.id.in_(wanted), model.status == "active")
    return db.scalar(statement) == len(wanted)


def thank(
    db: Session, actor: Actor, gift_id: int, *, how: str | None, thanked_at: datetime | None
) -> int | None:
    """Mark a gift as thanked or not; return its donor, or None when nothing was changed."""
    may_change = select(Donor.id).where(Donor.id == Gift.donor_id, giftable_donors(actor)).exists()
    by_id = (actor.user_id or None) if thanked_at is not None else None
    return db.scalar(
        update(Gift)
        .where(Gift.id == gift_id, Gift.kind == "gift", may_change)
        .where(
            Gift.thanked_at.is_(None) if thanked_at is not None else Gift.thanked_at.is_not(None)
        )
        .values(thanked_at=thanked_at, thanked_by=by_id, thanked_how=how)
        .returning(Gift.donor_id)
        .execution_options(synchronize_session=False)
    )
