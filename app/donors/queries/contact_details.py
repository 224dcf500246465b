"""SQL of a donor's e-mails, phones and postal addresses."""

from typing import Any

from sqlalchemy import delete, insert, select, update

from app.db import Session
from app.db.models import Donor, DonorAddress, DonorEmail, DonorPhone
from app.donors.contacts.details import (
    Address,
    AddressDetail,
    ContactDetail,
    ContactDetails,
    EmailDetail,
    PhoneDetail,
)

_MODELS: dict[type[ContactDetail], type[DonorEmail | DonorPhone | DonorAddress]] = {
    EmailDetail: DonorEmail,
    PhoneDetail: DonorPhone,
    AddressDetail: DonorAddress,
}
_PARTS = ("street", "city", "state", "postal_code", "country")


def version(db: Session, donor_id: int) -> int:
    """Return the version of a donor."""
    return db.execute(select(Donor.version).where(Donor.id == donor_id)).scalar_one()


def details(db: Session, donor_id: int) -> ContactDetails:
    """Return all contact details of a donor, the primary one of each kind first."""
    return ContactDetails(
        emails=tuple(
            EmailDetail(row.email, row.type, row.do_not_use, row.is_primary, row.id)
            for row in _rows(db, DonorEmail, donor_id)
        ),
        phones=tuple(
            PhoneDetail(row.phone, row.type, row.do_not_use, row.is_primary, row.id)
            for row in _rows(db, DonorPhone, donor_id)
        ),
        addresses=tuple(_address(row) for row in _rows(db, DonorAddress, donor_id)),
    )


def _rows(db: Session, model: type[Any], donor_id: int) -> list[Any]:
    statement = select(model).where(model.donor_id == donor_id)
    ordered = statement.order_by(model.is_primary.desc(), model.id)
    return list(db.scalars(ordered.execution_options(populate_existing=True)))


def _address(row: DonorAddress) -> AddressDetail:
    return AddressDetail(
        address=Address(*(getattr(row, part) for part in _PARTS)),
        type=row.type,
        season_from=row.season_from,
        season_to=row.season_to,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        do_not_use=row.do_not_use,
        is_primary=row.is_primary,
        id=row.id,
    )


def add(db: Session, donor_id: int, detail: ContactDetail) -> int:
    """Insert a contact detail and return its id; a primary one takes the place of the other."""
    model = _MODELS[type(detail)]
    if detail.is_primary:
        clear_primary(db, donor_id, detail)
    statement = insert(model).values(donor_id=donor_id, **_values(detail))
    return db.execute(statement.returning(model.id)).scalar_one()


def change(db: Session, donor_id: int, detail: ContactDetail) -> None:
    """Overwrite a contact detail; a primary one takes the place of the other."""
    model = _MODELS[type(detail)]
    if detail.is_primary:
        clear_primary(db, donor_id, detail)
    row = update(model).where(model.id == detail.id, model.donor_id == donor_id)
    db.execute(row.values(**_values(detail)))


def clear_primary(db: Session, donor_id: int, detail: ContactDetail) -> None:
    """Leave the donor without a primary detail of this kind."""
    model = _MODELS[type(detail)]
    row = update(model).where(model.donor_id == donor_id, model.is_primary)
    db.execute(row.values(is_primary=False))


def remove(db: Session, donor_id: int, detail: ContactDetail) -> None:
    """Delete a contact detail."""
    model = _MODELS[type(detail)]
    db.execute(delete(model).where(model.id == detail.id, model.donor_id == donor_id))


def _values(detail: ContactDetail) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(detail, name) for name in detail.__slots__ if name not in ("id", "address")
    }
    if isinstance(detail, AddressDetail):
        values |= {part: getattr(detail.address, part) for part in _PARTS}
    return values
