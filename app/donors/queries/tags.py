"""SQL of tags: lists, changes, merges, and the tags of a donor."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from app.accounts import Actor, editable_donors
from app.db import Session
from app.db.models import Donor, DonorTag, Tag


def names(db: Session) -> Sequence[Row[int, str, int]]:
    """Return (id, name, version) of every tag, by name."""
    statement = select(Tag.id, Tag.name, Tag.version).where(Tag.merged_into_id.is_(None))
    return db.execute(statement.order_by(func.lower(Tag.name), Tag.id)).all()


def with_counts(db: Session) -> Sequence[Row[int, int, str, int]]:
    """Return (id, version, name, number of donors) of every tag, by name."""
    donors = func.count(DonorTag.donor_id)
    statement = (
        select(Tag.id, Tag.version, Tag.name, donors)
        .outerjoin(DonorTag, DonorTag.tag_id == Tag.id)
        .where(Tag.merged_into_id.is_(None))
        .group_by(Tag.id)
        .order_by(func.lower(Tag.name), Tag.id)
    )
    return db.execute(statement).all()


def count_donors(db: Session, tag_id: int) -> int:
    """Return the number of donors that have a tag."""
    statement = select(func.count()).select_from(DonorTag).where(DonorTag.tag_id == tag_id)
    return db.scalar(statement) or 0


def find(db: Session, tag_id: int) -> Tag | None:
    """Return a tag that is not merged into another."""
    return db.scalar(select(Tag).where(Tag.id == tag_id, Tag.merged_into_id.is_(None)))


def locked(db: Session, tag_ids: Collection[int]) -> Mapping[int, Tag]:
    """Lock tags in the order of their ids, and return those that exist by id."""
    rows = db.scalars(
        select(Tag)
        .where(Tag.id.in_(tag_ids), Tag.merged_into_id.is_(None))
        .order_by(Tag.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {tag.id: tag for tag in rows}


def same_name(db: Session, name: str, *, but: int | None) -> Tag | None:
    """Return the tag that has this name in any case, other than the one `but`."""
    statement = select(Tag).where(func.lower(Tag.name) == func.lower(name))
    return db.scalar(statement if but is None else statement.where(Tag.id != but))


def add(db: Session, name: str) -> int | None:
    """Insert a tag and return its id; None if the name was taken meanwhile."""
    statement = upsert(Tag).values(name=name).on_conflict_do_nothing().returning(Tag.id)
    return db.scalar(statement)


def rename(db: Session, tag_id: int, name: str) -> bool:
    """Rename a tag; return False if the name was taken meanwhile."""
    row = update(Tag).where(Tag.id == tag_id).values(name=name, version=Tag.version + 1)
    try:
        with db.begin_nested():
            db.execute(row)
    except IntegrityError:
        return False
    return True


def remove(db: Session, tag_id: int) -> None:
    """Delete a tag; every donor loses it."""
    db.execute(delete(Tag).where(Tag.id == tag_id))


def move(db: Session, tag_id: int, into_id: int) -> None:
    """Give the donors of a tag the other tag, and mark the first as merged."""
    for statement in _MOVE:
        db.execute(text(statement), {"id": tag_id, "into": into_id})


# the row of an import stays one of that import, so that its undo takes it away
_MOVE = (
    """
    update donor_tag d set tag_id = :into where tag_id = :id and not exists (
        select from donor_tag o where o.donor_id = d.donor_id and o.tag_id = :into)
    """,
    "delete from donor_tag where tag_id = :id",
    "update tag set merged_into_id = :into where merged_into_id = :id",
    """
    update tag set merged_into_id = :into, version = version + 1, updated_at = now()
    where id = :id
    """,
)


def existing(db: Session, tag_ids: Collection[int]) -> dict[int, str]:
    """Return the tags that exist among the ids: id → name."""
    statement = select(Tag.id, Tag.name).where(Tag.id.in_(tag_ids), Tag.merged_into_id.is_(None))
    return {row.id: row.name for row in db.execute(statement)}


def of_donor(db: Session, donor_id: int) -> dict[int, str]:
    """Return the tags of a donor: id → name, by name."""
    statement = (
        select(Tag.id, Tag.name)
        .join(DonorTag, DonorTag.tag_id == Tag.id)
        .where(DonorTag.donor_id == donor_id)
        .order_by(func.lower(Tag.name), Tag.id)
    )
    return {row.id: row.name for row in db.execute(statement)}


def tag(db: Session, donor_id: int, tag_ids: Collection[int]) -> None:
    """Give a donor tags that the donor does not have."""
    if tag_ids:
        rows = [{"donor_id": donor_id, "tag_id": tag_id} for tag_id in sorted(tag_ids)]
        db.execute(insert(DonorTag), rows)


def tag_many(
    db: Session, actor: Actor, tag_id: int, donor_ids: Collection[int]
) -> tuple[int, ...]:
    """Give a tag to those of the donors that the actor may change; return who did not have it."""
    rows = select(Donor.id, literal(tag_id)).where(_chosen(actor, donor_ids))
    statement = upsert(DonorTag).from_select(["donor_id", "tag_id"], rows)
    return tuple(db.scalars(statement.on_conflict_do_nothing().returning(DonorTag.donor_id)))


def untag_many(
    db: Session, actor: Actor, tag_id: int, donor_ids: Collection[int]
) -> tuple[int, ...]:
    """Take a tag from those of the donors that the actor may change; return who had it."""
    chosen = select(Donor.id).where(_chosen(actor, donor_ids))
    statement = delete(DonorTag).where(DonorTag.tag_id == tag_id, DonorTag.donor_id.in_(chosen))
    return tuple(db.scalars(statement.returning(DonorTag.donor_id)))


def count_editable(db: Session, actor: Actor, donor_ids: Collection[int]) -> int:
    """Count those of the donors that the actor may change."""
    statement = select(func.count()).select_from(Donor).where(_chosen(actor, donor_ids))
    return db.scalar(statement) or 0


def _chosen(actor: Actor, donor_ids: Collection[int]) -> ColumnElement[bool]:
    # one parameter, however many ids there are
    ids = literal(sorted(donor_ids), ARRAY(BigInteger))
    return and_(Donor.id == func.any(ids), editable_donors(actor))


def untag(db: Session, donor_id: int, tag_ids: Collection[int]) -> None:
    """Take tags away from a donor."""
    db.execute(delete(DonorTag).where(DonorTag.donor_id == donor_id, DonorTag.tag_id.in_(tag_ids)))
