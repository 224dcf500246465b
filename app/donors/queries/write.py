"""SQL statements that write donors, their contact details and the contact log."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, cast, func, insert, select, update

from app.accounts import Actor, editable_donors
from app.db import Session
from app.db.models import (
    ContactLog,
    Donor,
    DonorAddress,
    DonorEmail,
    DonorPhone,
    DonorSummary,
    User,
)


def add(db: Session, **values: object) -> int:
    """Insert a donor and return its id."""
    return db.execute(insert(Donor).values(**values).returning(Donor.id)).scalar_one()


def locked(db: Session, actor: Actor, donor_id: int) -> Donor | None:
    """Lock the donor row and return it, or None when the actor may not change it."""
    return db.scalar(
        select(Donor)
        .where(Donor.id == donor_id, editable_donors(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def is_erased(db: Session, donor_id: int) -> bool:
    """Return whether the donor's personal data was erased."""
    statement = select(Donor.id).where(Donor.id == donor_id, Donor.erased_at.is_not(None))
    return db.scalar(statement) is not None


def has_members(db: Session, household_id: int) -> bool:
    """Return whether donors are members of this household."""
    member = select(Donor.id).where(Donor.household_id == household_id).limit(1)
    return db.scalar(member) is not None


def change(db: Session, donor_id: int, **values: object) -> None:
    """Update columns of a donor and increment its version."""
    db.execute(
        update(Donor).where(Donor.id == donor_id).values(version=Donor.version + 1, **values)
    )


def put_email(db: Session, donor_id: int, email: str | None) -> None:
    """Make this e-mail the primary one, adding it if new; None leaves no primary e-mail."""
    of_donor = DonorEmail.donor_id == donor_id
    db.execute(update(DonorEmail).where(of_donor).values(is_primary=False))
    if email is None:
        return
    same = func.lower(DonorEmail.email) == email.lower()
    email_id = db.scalar(select(DonorEmail.id).where(of_donor, same))
    if email_id is None:
        db.execute(insert(DonorEmail).values(donor_id=donor_id, email=email, is_primary=True))
    else:
        primary = update(DonorEmail).where(DonorEmail.id == email_id)
        db.execute(primary.values(email=email, is_primary=True))


def put_phone(db: Session, donor_id: int, phone: str | None) -> None:
    """Make this phone number the primary one, adding it if new; None leaves no primary one."""
    of_donor = DonorPhone.donor_id == donor_id
    db.execute(update(DonorPhone).where(of_donor).values(is_primary=False))
    if phone is None:
        return
    phone_id = db.scalar(select(DonorPhone.id).where(of_donor, DonorPhone.phone == phone).limit(1))
    if phone_id is None:
        db.execute(insert(DonorPhone).values(donor_id=donor_id, phone=phone, is_primary=True))
    else:
        db.execute(update(DonorPhone).where(DonorPhone.id == phone_id).values(is_primary=True))


def put_address(db: Session, donor_id: int, parts: dict[str, str | None]) -> None:
    """Overwrite the primary address, or add it if there is none."""
    address_id = db.scalar(
        select(DonorAddress.id)
        .where(DonorAddress.donor_id == donor_id)
        .order_by(DonorAddress.is_primary.desc(), DonorAddress.id)
        .limit(1)
    )
    if address_id is not None:
        row = update(DonorAddress).where(DonorAddress.id == address_id)
        db.execute(row.values(**parts, is_primary=True))
    elif any(parts.values()):
        db.execute(insert(DonorAddress).values(donor_id=donor_id, is_primary=True, **parts))


def recompute_last_contact(db: Session, donor_id: int, *, zone: str) -> None:
    """Recompute the day of the latest contact from the log; notes do not count."""
    day = cast(func.timezone(zone, ContactLog.at), Date)
    latest = select(func.max(day)).where(
        ContactLog.donor_id == donor_id, ContactLog.kind != "note"
    )
    row = update(Donor).where(Donor.id == donor_id)
    db.execute(row.values(last_contacted_on=latest.scalar_subquery()))


def update_last_contact(db: Session, donor_id: int, on: date) -> None:
    """Update the day of the latest contact; an older contact does not move it back."""
    latest = func.greatest(Donor.last_contacted_on, on)
    db.execute(update(Donor).where(Donor.id == donor_id).values(last_contacted_on=latest))


def set_status(db: Session, donor_id: int, status: str, *, unless: tuple[str, ...]) -> None:
    """Set a donor's status, unless it is one of those in `unless`."""
    row = update(Donor).where(Donor.id == donor_id, Donor.status.not_in(unless))
    db.execute(row.values(status=status))


def reset_to_prospect(db: Session, donor_ids: Sequence[int]) -> None:
    """Set donors without any effective gift back to "prospect"."""
    without_gifts = select(DonorSummary.donor_id).where(
        DonorSummary.donor_id.in_(donor_ids), DonorSummary.gifts == 0
    )
    row = update(Donor).where(Donor.id.in_(without_gifts), Donor.status.in_(("donor", "lapsed")))
    db.execute(row.values(status="prospect").execution_options(synchronize_session=False))


def is_active_user(db: Session, user_id: int) -> bool:
    """Return whether an active user has this id."""
    return db.scalar(select(User.id).where(User.id == user_id, User.active)) is not None
