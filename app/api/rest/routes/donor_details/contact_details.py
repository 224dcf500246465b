"""API routes for the e-mails, phones and addresses of donors: add, change, remove."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app import donors
from app.accounts import Actor
from app.api.rest.dependencies import CurrentActor, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas import contact_details as schemas
from app.api.rest.schemas.common import LARGEST_ID, InPath, Made
from app.api.rest.schemas.contact_details import (
    AddressBody,
    ContactDetails,
    DetailBody,
    EmailBody,
    PhoneBody,
    RemovedDetail,
)
from app.db import Session
from app.donors import AddressDetail, ContactDetail, EmailDetail, PhoneDetail

router = APIRouter(prefix="/donors/{id}", tags=["donors"])
DetailId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="ID of the contact detail.")]
Removed = Annotated[RemovedDetail, Query()]


@router.get(
    "/contact-details",
    summary="Read a donor's contact details",
    operation_id="read_donor_contact_details",
)
def read(actor: CurrentActor, id: InPath) -> ContactDetails:  # noqa: A002
    """Return all e-mails, phones and addresses of a donor. The access is logged."""
    with work(actor) as db:
        return _details(db, actor, id)


@router.post("/emails", status_code=201, summary="Add an e-mail", operation_id="add_donor_email")
def add_email(actor: CurrentActor, id: InPath, body: EmailBody, once: OnlyOnce) -> Made:  # noqa: A002
    """Add an e-mail; the first one of a donor is primary."""
    return _add(actor, id, EmailDetail(), body, once)


@router.patch(
    "/emails/{detail_id}",
    summary="Change an e-mail",
    operation_id="change_donor_email",
)
def change_email(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    detail_id: DetailId,
    body: EmailBody,
) -> ContactDetails:
    """Save changes of an e-mail; fields that are left out stay unchanged."""
    return _change(actor, id, EmailDetail(id=detail_id), body)


@router.delete(
    "/emails/{detail_id}",
    summary="Remove an e-mail",
    operation_id="remove_donor_email",
)
def remove_email(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    detail_id: DetailId,
    query: Removed,
) -> ContactDetails:
    """Remove an e-mail; if it was primary, the next one becomes it."""
    return _remove(actor, id, EmailDetail, detail_id, query.version)


@router.post(
    "/phones", status_code=201, summary="Add a phone number", operation_id="add_donor_phone"
)
def add_phone(actor: CurrentActor, id: InPath, body: PhoneBody, once: OnlyOnce) -> Made:  # noqa: A002
    """Add a phone number; the first one of a donor is primary."""
    return _add(actor, id, PhoneDetail(), body, once)


@router.patch(
    "/phones/{detail_id}",
    summary="Change a phone number",
    operation_id="change_donor_phone",
)
def change_phone(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    detail_id: DetailId,
    body: PhoneBody,
) -> ContactDetails:
    """Save changes of a phone number; fields that are left out stay unchanged."""
    return _change(actor, id, PhoneDetail(id=detail_id), body)


@router.delete(
    "/phones/{detail_id}",
    summary="Remove a phone number",
    operation_id="remove_donor_phone",
)
def remove_phone(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    detail_id: DetailId,
    query: Removed,
) -> ContactDetails:
    """Remove a phone number; if it was primary, the next one becomes it."""
    return _remove(actor, id, PhoneDetail, detail_id, query.version)


@router.post(
    "/addresses", status_code=201, summary="Add an address", operation_id="add_donor_address"
)
def add_address(actor: CurrentActor, id: InPath, body: AddressBody, once: OnlyOnce) -> Made:  # noqa: A002
    """Add an address; the first one of a donor is primary."""
    return _add(actor, id, AddressDetail(), body, once)


@router.patch(
    "/addresses/{detail_id}",
    summary="Change an address",
    operation_id="change_donor_address",
)
def change_address(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    detail_id: DetailId,
    body: AddressBody,
) -> ContactDetails:
    """Save changes of an address; fields that are left out stay unchanged."""
    return _change(actor, id, AddressDetail(id=detail_id), body)


@router.delete(
    "/addresses/{detail_id}",
    summary="Remove an address",
    operation_id="remove_donor_address",
)
def remove_address(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    detail_id: DetailId,
    query: Removed,
) -> ContactDetails:
    """Remove an address; if it was primary, the next one becomes it."""
    return _remove(actor, id, AddressDetail, detail_id, query.version)


def _add(
    actor: Actor, donor_id: int, empty: ContactDetail, body: DetailBody, once: OnlyOnce
) -> Made:
    def make() -> Made:
        detail = schemas.changed_detail(empty, body)
        detail_id = donors.add_contact_detail(
            db,
            actor,
            donor_id=donor_id,
            version=body.version,
            detail=detail,
            today=today(actor),
        )
        return Made(id=detail_id)

    with work(actor) as db:
        return once(db, actor, body, Made, make)


def _change(
    actor: Actor, donor_id: int, wanted: ContactDetail, body: DetailBody
) -> ContactDetails:
    with work(actor) as db:
        contact = donors.get(db, actor, donor_id, today=today(actor)).contact
        every: tuple[ContactDetail, ...] = (
            *contact.emails,
            *contact.phones,
            *contact.addresses,
        )
        same = (one for one in every if type(one) is type(wanted) and one.id == wanted.id)
        stored = next(same, wanted)
        donors.change_contact_detail(
            db,
            actor,
            donor_id=donor_id,
            version=body.version,
            detail=schemas.changed_detail(stored, body),
            today=today(actor),
        )
        return _details(db, actor, donor_id)


def _remove(
    actor: Actor, donor_id: int, kind: type[ContactDetail], detail_id: int, version: int
) -> ContactDetails:
    with work(actor) as db:
        donors.remove_contact_detail(
            db,
            actor,
            donor_id=donor_id,
            version=version,
            kind=kind,
            detail_id=detail_id,
            today=today(actor),
        )
        return _details(db, actor, donor_id)


def _details(db: Session, actor: Actor, donor_id: int) -> ContactDetails:
    view = donors.get(db, actor, donor_id, today=today(actor))
    donors.log_view(db, actor, donor_id=donor_id, how="api")
    return schemas.contact_details(view, today=today(actor))
