"""Schemas of gifts: what a request sends, what a response has."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from app import gifts
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Currency,
    Day,
    Decimal,
    Id,
    Line,
    Note,
    PagedImported,
    QueryId,
    Sum,
    Yes,
)
from app.api.rest.schemas.donors import Version
from app.gifts import GiftDetails, GiftLine
from app.kit import payment_methods
from app.kit.money import Money
from app.kit.payment_methods import Method, ThankedHow

MOST_PARTS = 100


SortedBy = Literal["newest", "oldest", "largest", "donor"]


class Gifts(PagedImported):
    """Filter, order and page of a list of gifts."""

    donor_id: QueryId | None = Field(None, description="Gifts of one donor.")
    owner_id: QueryId | None = Field(None, description="Gifts of donors of this owner.")
    fund_id: QueryId | None = Field(None, description="Gifts to one fund.")
    campaign_id: QueryId | None = Field(None, description="Gifts to one campaign.")
    method: Method | None = Field(None, description="Payment method.")
    since: Day | None = Field(None, description="First date, inclusive.")
    until: Day | None = Field(None, description="Last date, inclusive.")
    thanked: bool | None = Field(None, description="Only thanked gifts, or only the others.")
    awaiting_rate: bool | None = Field(
        None, description="Only gifts that wait for an exchange rate, or only the others."
    )
    sort: SortedBy = Field(
        "newest", description="Order of the list; a page keeps that of its cursor."
    )


class NewPart(Body):
    """A part of a gift to several funds or campaigns."""

    amount: Decimal
    fund_id: Id | None = Field(None, description="The fund of the part.")
    campaign_id: Id | None = Field(
        None, description="The campaign of the part; null: the campaign of the gift."
    )


class Tribute(Body):
    """Whom a gift honours, and who is to be notified of it."""

    kind: payment_methods.Tribute = Field(description="In honour or in memory.")
    name: Line = Field(description="Whom the gift honours.", examples=["Edna Reed"])
    notify_name: Line | None = Field(None, description="Who is to be notified.")
    notify_address: Note | None = Field(None, description="Address of who is to be notified.")


class NewGift(Body):
    """A gift to record."""

    donor_id: Id = Field(description="The donor of the gift.", examples=[1])
    amount: Decimal
    currency: Currency
    date: Day = Field(description="Date of the gift.", examples=["2026-11-23"])
    method: Method | None = Field(None, description="Payment method.")
    fund_id: Id | None = Field(None, description="The fund of the gift.")
    campaign_id: Id | None = Field(None, description="The campaign of the gift.")
    pledge_id: Id | None = Field(
        None, description="The pledge that the gift pays; null: the donor's only matching pledge."
    )
    note: Note | None = Field(None, description="Note.")
    parts: list[NewPart] = Field(
        default=[],
        description="The parts of a gift to several funds or campaigns: they add up to `amount`.",
        max_length=MOST_PARTS,
    )
    fee: Decimal | None = Field(
        None, description="Fee of the payment, included in `amount`; it reduces no sum."
    )
    receipt: Yes = Field(default=True, description="Whether the donor wants a receipt.")
    check_number: Line | None = Field(None, description="Number of the cheque.")
    tribute: Tribute | None = Field(None, description="Whom the gift honours.")


class ChangedGift(Body):
    """The correction of a gift; fields that are left out stay unchanged."""

    version: Version
    amount: Decimal | None = Field(None, description="Amount; null: unchanged.")
    currency: Currency | None = Field(None, description="ISO 4217 code; null: unchanged.")
    date: Day | None = Field(None, description="Date of the gift; null: unchanged.")
    method: Method | None = Field(None, description="Payment method; null: none.")
    fund_id: Id | None = Field(None, description="The fund of the gift; null: no fund.")
    campaign_id: Id | None = Field(None, description="The campaign of the gift; null: none.")
    pledge_id: Id | None = Field(None, description="The pledge that the gift pays; null: none.")
    note: Note | None = Field(None, description="Note; null: none.")
    parts: list[NewPart] | None = Field(
        None,
        description="The parts of the gift; empty: it is not split; null: unchanged.",
        max_length=MOST_PARTS,
    )
    fee: Decimal | None = Field(None, description="Fee of the payment; null: none.")
    receipt: Yes | None = Field(
        None, description="Whether the donor wants a receipt; null: unchanged."
    )
    check_number: Line | None = Field(None, description="Number of the cheque; null: none.")
    tribute: Tribute | None = Field(None, description="Whom the gift honours; null: nobody.")


class RecordedGift(Answer):
    """A recorded gift."""

    id: int
    donor_id: int
    amount: str
    currency: str
    date: date
    pledge_id: int | None = Field(description="The pledge that the gift pays.")
    alerts_answered: int = Field(description="Number of alerts resolved by the gift.")
    awaiting_rate: bool = Field(
        description="Whether no exchange rate is known for its day: it counts in sums once there "
        "is one."
    )


class Reversal(Body):
    """A full or partial reversal of a gift."""

    date: Day = Field(description="Date of the reversal.", examples=["2026-11-23"])
    amount: Decimal | None = Field(None, description="Null: the remaining amount.")
    reason: Note | None = Field(None, description="Reason for the reversal.")


class Thanks(Body):
    """How the donor was thanked."""

    how: ThankedHow | None = Field(None, description="Channel of the thanks.")


class Part(Answer):
    """A part of a split gift."""

    amount: str = Field(examples=["7.50"])
    fund_id: int | None
    campaign_id: int | None


class TributeOfGift(Answer):
    """Whom a gift honours, and who is to be notified of it."""

    kind: str = Field(examples=["in honour of"])
    name: str
    notify_name: str | None
    notify_address: str | None


class Gift(Answer):
    """A gift, or a reversal with a negative amount."""

    id: int
    version: int
    donor_id: int
    donor_name: str
    kind: str = Field(examples=["gift"])
    amount: str = Field(examples=["12.50"])
    currency: str = Field(examples=["USD"])
    worth: Sum | None = Field(
        description="Amount in the organisation's base currency; null while no exchange rate is "
        "known for its day."
    )
    date: date
    method: str | None
    fund: str | None
    campaign: str | None
    pledge_id: int | None
    reverses_id: int | None = Field(description="The gift that this entry reverses.")
    taken_back: str = Field(description="Reversed amount.")
    thanked_at: datetime | None
    thanked_how: str | None
    note: str | None
    fund_id: int | None = Field(description="Null if the gift is split.")
    campaign_id: int | None = Field(description="Null if the gift is split.")
    parts: list[Part] = Field(description="The parts of a split gift; empty for others.")
    fee: str | None = Field(description="Fee of the payment, included in `amount`.")
    net: str = Field(description="Amount without the fee.", examples=["12.05"])
    receipt: bool = Field(description="Whether the donor wants a receipt.")
    check_number: str | None
    tribute: TributeOfGift | None = Field(description="Whom the gift honours.")


class GiftList(Answer):
    """A page of gifts, the newest first."""

    items: list[Gift]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


def parts_of(parts: Sequence[NewPart], currency: str) -> tuple[gifts.Part, ...]:
    """Return the parts of a request in the gift's currency."""
    return tuple(
        gifts.Part(Money.of(part.amount, currency), part.fund_id, part.campaign_id)
        for part in parts
    )


def details_of(body: NewGift, currency: str) -> GiftDetails:
    """Return the details of a gift to record."""
    fee = None if body.fee is None else Money.of(body.fee, currency)
    details = GiftDetails(fee, receipt=body.receipt, check_number=body.check_number)
    return _with_tribute(details, body.tribute)


def changed_details(body: ChangedGift, old: GiftDetails, currency: str) -> GiftDetails:
    """Return the details of a gift with the fields that the request changes."""
    sent = body.model_fields_set
    details = replace(old, receipt=old.receipt if body.receipt is None else body.receipt)
    if "fee" in sent:
        details = replace(details, fee=None if body.fee is None else Money.of(body.fee, currency))
    if "check_number" in sent:
        details = replace(details, check_number=body.check_number)
    return _with_tribute(details, body.tribute) if "tribute" in sent else details


def _with_tribute(details: GiftDetails, tribute: Tribute | None) -> GiftDetails:
    return replace(
        details,
        tribute=None if tribute is None else tribute.kind,
        tribute_name=None if tribute is None else tribute.name,
        notify_name=None if tribute is None else tribute.notify_name,
        notify_address=None if tribute is None else tribute.notify_address,
    )


def to_gift(line: GiftLine, parts: Sequence[gifts.Part]) -> Gift:
    """Return a gift and its parts as the response."""
    details = line.details
    return Gift(
        id=line.gift_id,
        version=line.version,
        donor_id=line.donor_id,
        donor_name=line.donor_name,
        kind=line.kind,
        amount=str(line.amount),
        currency=line.amount.currency,
        worth=None
        if line.awaiting_rate
        else Sum(amount=str(line.base), currency=line.base.currency),
        date=line.on,
        method=line.method,
        fund=line.fund,
        campaign=line.campaign,
        pledge_id=line.pledge_id,
        reverses_id=line.reverses_id,
        taken_back=str(line.taken_back),
        thanked_at=line.thanked_at,
        thanked_how=line.thanked_how,
        note=line.note,
        fund_id=line.fund_id,
        campaign_id=line.campaign_id,
        parts=[
            Part(amount=str(part.amount), fund_id=part.fund_id, campaign_id=part.campaign_id)
            for part in parts
        ],
        fee=None if details.fee is None else str(details.fee),
        net=str(line.net),
        receipt=details.receipt,
        check_number=details.check_number,
        tribute=_to_tribute(details),
    )


def _to_tribute(details: GiftDetails) -> TributeOfGift | None:
    if details.tribute is None:
        return None
    return TributeOfGift(
        kind=details.tribute,
        name=details.tribute_name or "",
        notify_name=details.notify_name,
        notify_address=details.notify_address,
    )
