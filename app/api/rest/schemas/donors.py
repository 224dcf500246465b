"""Request and response schemas of donors."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from app.accounts import Actor
from app.api.rest.schemas.common import (
    LARGEST_ID,
    WAITING,
    Answer,
    Body,
    Day,
    Id,
    Line,
    Note,
    Notes,
    Sum,
    WaitingForRate,
    Whole,
    Yes,
    total,
    waiting_for_rate,
)
from app.donors import Address, DonorFields, DonorLine, DonorView
from app.gifts import AwaitingRate
from app.kit import custom_fields
from app.kit.amount_masking import without_amounts

Kind = Literal["person", "household", "organisation"]
Channel = Literal["email", "phone", "mail", "text"]
Status = Literal["prospect", "asked", "donor", "lapsed", "declined"]
Version = Annotated[
    Whole,
    Field(ge=1, le=LARGEST_ID, description="The `version` from your last read.", examples=[3]),
]


def _require_value(value: object) -> object:
    if value is None:
        msg = "this cannot be empty; leave it out to keep it as it is"
        raise ValueError(msg)
    return value


Given = BeforeValidator(_require_value)


class PostalAddress(Body):
    """A postal address."""

    street: Line | None = Field(None, description="Street and number.")
    city: Line | None = Field(None, description="City.")
    state: Line | None = Field(None, description="State or region.")
    postal_code: Line | None = Field(None, description="Postal code.")
    country: Line | None = Field(None, description="Country.")


class DonorBody(Body):
    """The editable fields of a donor; e-mail, phone and address are the primary ones."""

    name: Annotated[Line, Given] = Field(
        "", description="Name; empty: built from the parts.", examples=["Mara Vogel"]
    )
    kind: Annotated[Kind, Given] = Field("person", description="Kind of donor.")
    first_name: Line | None = Field(None, description="First name.", examples=["Mara"])
    last_name: Line | None = Field(None, description="Last name.", examples=["Vogel"])
    spouse_first_name: Line | None = Field(None, description="The spouse's first name.")
    spouse_last_name: Line | None = Field(None, description="The spouse's last name.")
    salutation: Line | None = Field(None, description="Null: built from the name.")
    envelope_name: Line | None = Field(None, description="Null: the name.")
    status: Annotated[Status, Given] = Field("prospect", description="Status of the donor.")
    email: Line | None = Field(None, description="E-mail.", examples=["mara@example.org"])
    phone: Line | None = Field(None, description="Phone number.")
    address: PostalAddress | None = Field(None, description="Postal address.")
    no_email: Yes = Field(default=False, description="No e-mails to this donor.")
    no_phone: Yes = Field(default=False, description="No calls to this donor.")
    no_mail: Yes = Field(default=False, description="No letters to this donor.")
    deceased: Yes = Field(default=False, description="The donor is deceased.")
    deceased_on: Day | None = Field(None, description="Day of death; of information only.")
    preferred_language: Line | None = Field(
        None, description="Code of the preferred language.", examples=["de"]
    )
    preferred_channel: Channel | None = Field(None, description="Preferred channel of contact.")
    anonymous: Yes = Field(
        default=False,
        description="Gives anonymously: only the owner, finance and administrators see the name.",
    )
    notes: Notes | None = Field(None, description="Notes.")
    custom_fields: dict[Line, Note | None] = Field(
        default={},
        description="Custom fields to set, by name; null empties one, others stay unchanged. A"
        " defined field takes values of its type: “12.5”, “2026-11-23”, “true”.",
        examples=[{"Birthday": "1964-05-01"}],
        max_length=50,
    )
    owner_id: Id | None = Field(None, description="Owner of the donor; set by administrators.")


class PlainAddress(Answer):
    """A stored postal address."""

    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class ListedDonor(Answer):
    """A donor in a list."""

    id: int
    name: str = Field(description="“Anonymous” if you may not see the name.")
    anonymous: bool = Field(description="The donor gives anonymously and you may see the name.")
    kind: str
    status: str
    owner_id: int | None
    owner_name: str | None
    giving: str = Field(description="Giving status as text.", examples=["on rhythm"])
    gifts: int
    last_gift_date: date | None
    this_year: Sum | None = Field(description="Total of this fiscal year; null for a coach.")
    lifetime: Sum | None
    waiting_for_rate: WaitingForRate = Field(description=WAITING)


class Donor(Answer):
    """A donor with contact data, giving summary and rights."""

    id: int
    version: int = Field(description="Send it with a change.")
    name: str
    kind: str
    first_name: str | None
    last_name: str | None
    spouse_first_name: str | None
    spouse_last_name: str | None
    salutation: str = Field(description="Salutation of letters.")
    envelope_name: str | None = Field(description="Name on envelopes; null: the name.")
    status: str
    email: str | None
    phone: str | None
    address: PlainAddress
    no_email: bool
    no_phone: bool
    no_mail: bool
    deceased: bool
    deceased_on: date | None
    preferred_language: str | None
    preferred_channel: str | None
    anonymous: bool
    notes: str | None
    custom_fields: dict[str, str] = Field(description="Custom fields by name, as stored.")
    owner_id: int | None
    owner_name: str | None
    emails: list[str]
    phones: list[str]
    addresses: list[PlainAddress]
    tags: list[str]
    gifts: int
    lifetime: Sum | None = Field(description="Total of all gifts; null for a coach.")
    this_year: Sum | None
    last_year: Sum | None
    largest: Sum | None
    waiting_for_rate: WaitingForRate = Field(description=WAITING)
    first_gift_date: date | None
    last_gift_date: date | None
    last_contacted_on: date | None
    giving: str | None = Field(description="Giving pattern as a sentence.")
    editable: bool = Field(description="Whether you may change the donor.")
    giftable: bool = Field(description="Whether you may record gifts of the donor.")


_SHOWN = (
    "owner_name",
    "gifts",
    "first_gift_date",
    "last_gift_date",
    "last_contacted_on",
    "version",
    "editable",
    "giftable",
    "salutation",
    "tags",
    "emails",
    "phones",
)


def donor(actor: Actor, view: DonorView, waiting: Iterable[AwaitingRate]) -> Donor:
    """Return the response for a donor, without amounts if the actor may not see them."""
    notes, more = (
        text if text is None or actor.sees_amounts else without_amounts(text)
        for text in (view.fields.notes, view.fields.more)
    )
    values: dict[str, Any] = {name: getattr(view.fields, name) for name in DonorFields.__slots__}
    for name in _SHOWN:
        values[name] = getattr(view, name)
    for name in ("lifetime", "this_year", "last_year", "largest"):
        values[name] = total(actor, getattr(view, name))
    values |= {
        "id": view.donor_id,
        "notes": notes,
        "custom_fields": custom_fields.from_lines(more),
        "address": _address(view.fields.address),
        "addresses": [_address(each) for each in view.addresses],
        "giving": view.rhythm and view.rhythm.sentence,
        "waiting_for_rate": waiting_for_rate(waiting),
    }
    return Donor(**values)


def _address(address: Address) -> PlainAddress:
    return PlainAddress.model_validate(address)


def listed(actor: Actor, line: DonorLine, waiting: Iterable[AwaitingRate]) -> ListedDonor:
    """Return the response for a line of a list, without amounts if the actor may not see them."""
    return ListedDonor(
        id=line.donor_id,
        name=line.name,
        anonymous=line.anonymous,
        kind=line.kind,
        status=line.status,
        owner_id=line.owner_id,
        owner_name=line.owner_name,
        giving=line.giving,
        gifts=line.gifts,
        last_gift_date=line.last_gift_date,
        this_year=total(actor, line.this_year),
        lifetime=total(actor, line.lifetime),
        waiting_for_rate=waiting_for_rate(waiting),
    )
