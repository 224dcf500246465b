"""SQL of households: their members, who may change them, and joining and leaving."""

from collections.abc import Collection, Sequence
from typing import Protocol

from sqlalchemy import Row, func, insert, select, update

from app.accounts import Actor, editable_donors, visible_donors
from app.db import Session
from app.db.models import Donor, DonorSummary, DonorYear, Gift, Pledge
from app.donors.anonymity import hidden, shown_name


class MemberRow(Protocol):
    """A member of a household, with the sums of the member's own gifts."""

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    name_hidden: bool
    household_head: bool
    deceased: bool
    gifts: int
    total_minor: int
    year_minor: int


def household_of(
    db: Session, actor: Actor, donor_id: int
) -> Row[int, int, str, str | None, str | None, bool] | None:
    """Return (id, version, name, salutation, envelope name, editable) of a donor's household.

    The donor may be a member or the household itself; None when the actor does not see it.
    """
    own = select(func.coalesce(Donor.household_id, Donor.id)).where(
        Donor.id == donor_id, visible_donors(actor)
    )
    statement = select(
        Donor.id,
        Donor.version,
        shown_name(actor),
        Donor.salutation,
        Donor.envelope_name,
        editable_donors(actor),
    )
    return db.execute(
        statement.where(
            Donor.id.in_(select(own.cte("own").c[0])),
            Donor.kind == "household",
            visible_donors(actor),
        )
    ).one_or_none()


def members(
    db: Session, actor: Actor, household_id: int, *, fiscal_year: int
) -> Sequence[MemberRow]:
    """Return the members of a household that the actor sees, the head first."""
    year = select(DonorYear.total_minor).where(
        DonorYear.donor_id == Donor.id, DonorYear.fiscal_year == fiscal_year
    )
    statement = (
        select(
            Donor.id,
            shown_name(actor).label("name"),
            Donor.first_name,
            Donor.last_name,
            hidden(actor).label("name_hidden"),
            Donor.household_head,
            Donor.deceased,
            DonorSummary.gifts,
            DonorSummary.total_minor,
            func.coalesce(year.correlate(Donor).scalar_subquery(), 0).label("year_minor"),
        )
        .join(DonorSummary, DonorSummary.donor_id == Donor.id)
        .where(Donor.household_id == household_id, visible_donors(actor))
        .order_by(Donor.household_head.desc(), Donor.id)
    )
    rows: Sequence[MemberRow] = db.execute(statement).all()
    return rows


def own_giving(db: Session, household_id: int, *, fiscal_year: int) -> tuple[int, int, int]:
    """Return (gifts, all, this fiscal year) recorded for the household itself, in minor units."""
    year = select(DonorYear.total_minor).where(
        DonorYear.donor_id == household_id, DonorYear.fiscal_year == fiscal_year
    )
    statement = select(DonorSummary.gifts, DonorSummary.total_minor, year.scalar_subquery())
    row = db.execute(statement.where(DonorSummary.donor_id == household_id)).one_or_none()
    return (row[0], row[1], row[2] or 0) if row else (0, 0, 0)


def locked(db: Session, actor: Actor, donor_ids: Collection[int]) -> dict[int, Donor]:
    """Lock donors in the order of their ids; return those that the actor may change, by id."""
    rows = db.scalars(
        select(Donor)
        .where(Donor.id.in_(donor_ids), editable_donors(actor))
        .order_by(Donor.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {donor.id: donor for donor in rows}


def member_ids(db: Session, household_id: int) -> list[int]:
    """Return the ids of every member, the head first."""
    statement = select(Donor.id).where(Donor.household_id == household_id)
    return list(db.scalars(statement.order_by(Donor.household_head.desc(), Donor.id)))


def household_id_of(db: Session, donor_id: int) -> int | None:
    """Return the household of a member."""
    return db.scalar(select(Donor.household_id).where(Donor.id == donor_id))


def persons(db: Session, household_id: int) -> Sequence[Row[int, str, str | None, str | None]]:
    """Return (id, name, first_name, last_name) of every member, the head first."""
    statement = select(Donor.id, Donor.name, Donor.first_name, Donor.last_name)
    order = (Donor.household_head.desc(), Donor.id)
    return db.execute(statement.where(Donor.household_id == household_id).order_by(*order)).all()


def rename(db: Session, household_id: int, *, name: str) -> None:
    """Give a household another name; the salutation and envelope name are built anew."""
    row = update(Donor).where(Donor.id == household_id)
    values = {"name": name, "salutation": None, "envelope_name": None}
    db.execute(row.values(version=Donor.version + 1, **values))


def add(db: Session, *, name: str, owner_id: int | None) -> int:
    """Insert the donor that stands for a household, and return its id."""
    values = {"kind": "household", "name": name, "owner_id": owner_id}
    return db.execute(insert(Donor).values(**values).returning(Donor.id)).scalar_one()


def join(db: Session, household_id: int, donor_ids: Collection[int]) -> None:
    """Put donors into a household."""
    row = update(Donor).where(Donor.id.in_(donor_ids))
    db.execute(
        row.values(household_id=household_id, household_head=False, version=Donor.version + 1)
    )


def leave(db: Session, donor_ids: Collection[int]) -> None:
    """Take donors out of their household."""
    row = update(Donor).where(Donor.id.in_(donor_ids))
    db.execute(row.values(household_id=None, household_head=False, version=Donor.version + 1))


def set_head(db: Session, household_id: int, donor_id: int) -> None:
    """Make a member the head of a household; the index allows one at a time."""
    members = update(Donor).where(Donor.household_id == household_id)
    db.execute(members.where(Donor.household_head).values(household_head=False))
    head = members.where(Donor.id == donor_id)
    db.execute(head.values(household_head=True, version=Donor.version + 1))


def has_own_records(db: Session, donor_id: int) -> bool:
    """Return whether gifts or pledges are recorded for this donor."""
    gift = select(Gift.id).where(Gift.donor_id == donor_id).limit(1)
    pledge = select(Pledge.id).where(Pledge.donor_id == donor_id).limit(1)
    return db.scalar(gift) is not None or db.scalar(pledge) is not None
