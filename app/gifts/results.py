"""What the gifts room answers with."""

from dataclasses import dataclass
from datetime import date, datetime

from app.kit.days import Span
from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a split gift, in the gift's own currency."""

    amount: Money
    fund_id: int | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedGift:
    """What became of a gift that was entered, and the sentence a toast shows."""

    gift_id: int
    donor_id: int
    donor_name: str
    amount: Money
    pledge_id: int | None
    settled: int
    sentence: str


@dataclass(frozen=True, slots=True)
class GiftFilter:
    """Which gifts; empty means all. `query` is a donor's name, e-mail or phone."""

    span: Span | None = None
    fund_id: int | None = None
    method: str | None = None
    thanked: bool | None = None
    query: str = ""
    donor_id: int | None = None
    owner_id: int | None = None
    # linked to a pledge, or not
    recurring: bool | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of gifts ended: newest first, then by id."""

    on: date
    gift_id: int


@dataclass(frozen=True, slots=True)
class GiftLine:
    """One gift or reversal; `taken_back` is what reversals took of it (zero or more)."""

    gift_id: int
    version: int
    donor_id: int
    donor_name: str
    owner_id: int | None
    kind: str
    amount: Money
    base: Money
    on: date
    method: str | None
    fund: str | None
    pledge_id: int | None
    pledge_reason: str | None
    reverses_id: int | None
    taken_back: Money
    thanked_at: datetime | None
    thanked_how: str | None
    note: str | None
    # gives anonymously, and the name is shown all the same
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class GiftPage:
    """A page of gifts, and what the whole filter comes to in the organisation's currency."""

    lines: list[GiftLine]
    gifts: int
    donors: int
    total: Money
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class ThankYou:
    """A gift nobody has said thank you for; `why` says what is special about it, or is empty."""

    gift_id: int
    donor_id: int
    donor_name: str
    owner_id: int | None
    amount: Money
    on: date
    days: int
    fund: str | None
    why: str
    email: str | None
    phone: str | None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An unlinked gift that may pay a pledge, with what is left of it, and its pledges."""

    gift_id: int
    donor_id: int
    donor_name: str
    amount: Money
    on: date
    pledge_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FundName:
    """A fund gifts may be for."""

    fund_id: int
    name: str
    open: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the data reaches: the last gift's day, and the last import."""

    last_gift_date: date | None
    imported_at: datetime | None
    imported_by: str | None
