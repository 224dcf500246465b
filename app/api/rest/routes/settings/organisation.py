"""API routes for the organisation's settings."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from app import accounts
from app.accounts import OrganisationFacts
from app.api.rest.dependencies import CurrentActor, read_only, work
from app.api.rest.schemas.common import Answer, Body, Currency, Id, Line, Note, Whole
from app.kit import regional_defaults

router = APIRouter(prefix="/organisation", tags=["organisation"])

Channel = Literal["at once", "summary", "app", "none"]
Module = Literal["requests"]
COUNTRY = Field(None, description="ISO 3166 country code.", examples=["DE"])
ZONE = "Europe/Berlin"
LOCALE = "How numbers and dates are written."
MONTH = "Month in which the fiscal year begins, 1 to 12."
ADDRESS = "Address for letters and receipts; several lines."
TAX_ID = "Tax id for receipts."
SENDER = "Name of the sender of mails."
THANK = "A gift that waits longer for its thank-you is overdue."
FILES = "For how long uploaded files are kept."
ALERTS = "Where alerts are sent to new accounts."
MODULES = "The optional modules that are switched on."


class Organisation(Answer):
    """The organisation's settings."""

    name: str = Field(description="Name of the organisation.")
    country: str | None = COUNTRY
    currency: str = Field(description="ISO 4217 code; all sums are in this currency.")
    time_zone: str = Field(description="IANA time zone.", examples=[ZONE])
    locale: str = Field(description=LOCALE, examples=["de_DE"])
    fiscal_start_month: int = Field(description=MONTH)
    address: str = Field(description=ADDRESS)
    tax_id: str = Field(description=TAX_ID)
    sender_name: str = Field(description=SENDER)
    thank_within_hours: int = Field(description=THANK)
    file_retention_days: int = Field(description=FILES)
    alert_channel: Channel = Field(description=ALERTS)
    modules: list[Module] = Field(description=MODULES)
    week_starts_on: str = Field(description="Decided by `locale`.", examples=["Monday"])
    date_order: str = Field(
        description="Order of day, month and year; decided by `locale`.", examples=["dmy"]
    )
    version: int = Field(description="Send it with a change, so that nobody's is lost.")


class OrganisationChange(Body):
    """The settings to change; others stay as they are."""

    name: Line | None = Field(None, description="Name of the organisation.")
    country: Annotated[str, Field(min_length=2, max_length=2)] | None = COUNTRY
    currency: Currency | None = Field(
        None, description="It can be changed as long as no gifts and pledges are recorded."
    )
    time_zone: Line | None = Field(None, description="IANA time zone.", examples=[ZONE])
    locale: Line | None = Field(None, description=LOCALE, examples=["de_DE"])
    fiscal_start_month: Whole | None = Field(None, ge=1, le=12, description=MONTH)
    address: Note | None = Field(None, description=ADDRESS)
    tax_id: Line | None = Field(None, description=TAX_ID)
    sender_name: Line | None = Field(None, description=SENDER)
    thank_within_hours: Whole | None = Field(None, ge=1, le=720, description=THANK)
    file_retention_days: Whole | None = Field(None, ge=1, le=3650, description=FILES)
    alert_channel: Channel | None = Field(None, description=ALERTS)
    modules: list[Module] | None = Field(None, max_length=20, description=MODULES)
    version: Id | None = Field(
        None, description="The version you read; 409 if the settings changed since."
    )


@router.get("", summary="Show the organisation", operation_id="get_organisation")
def show(actor: CurrentActor) -> Organisation:
    """Return the organisation's settings."""
    return read_only(actor, lambda db: _to_answer(accounts.organisation(db)))


@router.patch("", summary="Change the organisation", operation_id="change_organisation")
def change(actor: CurrentActor, body: OrganisationChange) -> Organisation:
    """Change the organisation's settings and return them. Administrators only."""
    with work(actor) as db:
        saved = accounts.save_organisation(db, actor, **body.model_dump(exclude_unset=True))
    return _to_answer(saved)


def _to_answer(saved: OrganisationFacts) -> Organisation:
    settings = asdict(saved)
    del settings["is_demo"]
    return Organisation(
        **settings,
        week_starts_on=regional_defaults.week_start(saved.locale),
        date_order=regional_defaults.date_order(saved.locale),
    )
