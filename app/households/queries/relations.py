"""SQL of the relations between donors."""

from collections.abc import Sequence

from sqlalchemy import Row, delete, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import Donor, DonorRelation
from app.donors.anonymity import shown_name


def of_donor(db: Session, actor: Actor, donor_id: int) -> Sequence[Row[int, str, bool, int, str]]:
    """Return (id, type, whether stated for this donor, other donor, its name), sorted.

    Relations to donors whom the actor does not see are left out.
    """
    stated = select(
        DonorRelation.id,
        DonorRelation.type,
        literal(value=True).label("stated"),
        DonorRelation.other_id.label("donor_id"),
    ).where(DonorRelation.donor_id == donor_id)
    inverse = select(
        DonorRelation.id,
        DonorRelation.type,
        literal(value=False).label("stated"),
        DonorRelation.donor_id,
    ).where(DonorRelation.other_id == donor_id)
    both = union_all(stated, inverse).subquery("both")
    statement = (
        select(both.c.id, both.c.type, both.c.stated, both.c.donor_id, shown_name(actor))
        .join(Donor, Donor.id == both.c.donor_id)
        .where(visible_donors(actor))
        .order_by(both.c.type, both.c.id)
    )
    return db.execute(statement).all()


def add(db: Session, *, donor_id: int, other_id: int, type: str) -> int | None:  # noqa: A002
    """Insert a relation and return its id; None if it exists already."""
    statement = insert(DonorRelation).values(donor_id=donor_id, other_id=other_id, type=type)
    return db.scalar(statement.on_conflict_do_nothing().returning(DonorRelation.id))


def exists(db: Session, *, donor_id: int, other_id: int, type: str) -> bool:  # noqa: A002
    """Return whether a relation is stored."""
    statement = select(DonorRelation.id).where(
        DonorRelation.donor_id == donor_id,
        DonorRelation.other_id == other_id,
        DonorRelation.type == type,
    )
    return db.scalar(statement) is not None


def find(db: Session, actor: Actor, relation_id: int) -> DonorRelation | None:
    """Return a relation of a donor whom the actor sees."""
    statement = select(DonorRelation).join(Donor, Donor.id == DonorRelation.donor_id)
    return db.scalar(statement.where(DonorRelation.id == relation_id, visible_donors(actor)))


def remove(db: Session, relation_id: int) -> None:
    """Delete a relation."""
    db.execute(delete(DonorRelation).where(DonorRelation.id == relation_id))
