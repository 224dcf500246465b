"""Types of the rows that the queries return."""

from datetime import date, datetime
from typing import Protocol


class GiftRow(Protocol):
    """One gift or reversal; amounts are in minor units."""

    id: int
    version: int
    donor_id: int
    donor_name: str
    anonymous: bool
    owner_id: int | None
    kind: str
    amount_minor: int
    currency: str
    base_minor: int
    gift_date: date
    method: str | None
    fund: str | None
    campaign: str | None
    fund_id: int | None
    campaign_id: int | None
    pledge_id: int | None
    pledge_reason: str | None
    reverses_id: int | None
    taken_back: int
    thanked_at: datetime | None
    thanked_how: str | None
    note: str | None
    awaiting_rate: bool
    fee_minor: int | None
    receipt_wanted: bool
    check_number: str | None
    tribute: str | None
    tribute_name: str | None
    notify_name: str | None
    notify_address: str | None


class SortedGiftRow(GiftRow, Protocol):
    """One gift of a sorted page, with the value that it is sorted by as text."""

    sort_value: str


class UnthankedGift(Protocol):
    """A gift not thanked for, with what is left of it in minor units."""

    id: int
    donor_id: int
    donor_name: str
    anonymous: bool
    owner_id: int | None
    amount_minor: int
    currency: str
    gift_date: date
    fund: str | None
    first: bool
    largest: bool
    email: str | None
    phone: str | None


class UnlinkedGift(Protocol):
    """A gift without a pledge, with what is left of it in minor units."""

    id: int
    donor_id: int
    donor_name: str
    left_minor: int
    currency: str
    gift_date: date
