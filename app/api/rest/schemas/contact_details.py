"""Request and response schemas of e-mails, phones and addresses of donors."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from app import donors
from app.api.rest.schemas.common import LARGEST_ID, Answer, Body, Day, Line, Yes
from app.api.rest.schemas.donors import Given, PostalAddress, Version
from app.donors import AddressDetail, ContactDetail, DonorView, EmailDetail, PhoneDetail

Type = Literal["home", "work", "mobile", "other"]
AddressType = Literal["home", "work", "seasonal", "other"]
MonthDay = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$"), Field(examples=["11-01"])
]


class DetailBody(Body):
    """Fields that every contact detail has."""

    version: Version
    do_not_use: Yes = Field(default=False, description="Not to be used, but still found.")
    primary: Yes = Field(
        default=False,
        description="Make it the primary one of its kind. False changes nothing: the primary one "
        "stays it until another is.",
    )


class EmailBody(DetailBody):
    """An e-mail address of a donor."""

    email: Annotated[Line, Given] = Field("", description="E-mail.", examples=["mara@example.org"])
    type: Annotated[Type, Given] = Field("other", description="Type.")


class PhoneBody(DetailBody):
    """A phone number of a donor."""

    phone: Annotated[Line, Given] = Field(
        "", description="Phone number.", examples=["+41 44 555 01 00"]
    )
    type: Annotated[Type, Given] = Field("other", description="Type.")


class AddressBody(DetailBody):
    """A postal address of a donor."""

    address: PostalAddress | None = Field(None, description="The address as a whole.")
    type: Annotated[AddressType, Given] = Field("other", description="Type.")
    season_from: MonthDay | None = Field(
        None, description="First day of the season, month and day; seasonal addresses only."
    )
    season_to: MonthDay | None = Field(
        None, description="Last day of the season, month and day; seasonal addresses only."
    )
    valid_from: Day | None = Field(None, description="First day on which it is valid.")
    valid_to: Day | None = Field(None, description="Last day on which it is valid.")


class RemovedDetail(Body):
    """Query parameters of a removal."""

    version: Annotated[int, Field(ge=1, le=LARGEST_ID)] = Field(
        description="The donor's `version` from your last read."
    )


class Detail(Answer):
    """What the response says of every contact detail."""

    id: int = Field(description="ID of the detail.")
    type: str
    do_not_use: bool
    primary: bool
    in_use: bool = Field(description="Whether it is the one to use today.")


class Email(Detail):
    """An e-mail address of a donor."""

    email: str


class Phone(Detail):
    """A phone number of a donor."""

    phone: str


class PostalDetail(Detail):
    """A postal address of a donor."""

    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    season_from: str | None = Field(description="Month and day.", examples=["11-01"])
    season_to: str | None = Field(description="Month and day.", examples=["03-31"])
    valid_from: date | None
    valid_to: date | None


class ContactDetails(Answer):
    """All contact details of a donor, the primary one of each kind first."""

    version: int = Field(description="The donor's version. Send it with a change.")
    emails: list[Email]
    phones: list[Phone]
    addresses: list[PostalDetail]


def changed_detail(stored: ContactDetail, body: BaseModel) -> ContactDetail:
    """Return the stored detail with the fields that were sent; the others stay unchanged."""
    changes: dict[str, Any] = body.model_dump(exclude_unset=True, exclude={"version"})
    if changes.pop("primary", False):
        changes["is_primary"] = True
    if "address" in changes:
        changes["address"] = donors.Address(**(changes["address"] or {}))
    if changes.get("type", donors.SEASONAL) != donors.SEASONAL and stored.type == donors.SEASONAL:
        # an address that is seasonal no more has no season
        changes = {"season_from": None, "season_to": None} | changes
    return replace(stored, **changes)


def contact_details(view: DonorView, *, today: date) -> ContactDetails:
    """Return the response for the contact details of a donor."""
    contact = view.contact
    return ContactDetails(
        version=view.version,
        emails=[
            Email(email=email.email, **_shared(email, donors.used_contact(contact.emails, today)))
            for email in contact.emails
        ],
        phones=[
            Phone(phone=phone.phone, **_shared(phone, donors.used_contact(contact.phones, today)))
            for phone in contact.phones
        ],
        addresses=[
            _address(address, donors.used_contact(contact.addresses, today))
            for address in contact.addresses
        ],
    )


def _address(detail: AddressDetail, used: ContactDetail | None) -> PostalDetail:
    own = ("season_from", "season_to", "valid_from", "valid_to")
    values = {name: getattr(detail, name) for name in own}
    parts = {name: getattr(detail.address, name) for name in PostalAddress.model_fields}
    return PostalDetail(**parts, **values, **_shared(detail, used))


def _shared(
    detail: EmailDetail | PhoneDetail | AddressDetail, used: ContactDetail | None
) -> dict[str, Any]:
    return {
        "id": detail.id,
        "type": detail.type,
        "do_not_use": detail.do_not_use,
        "primary": detail.is_primary,
        "in_use": detail == used,
    }
