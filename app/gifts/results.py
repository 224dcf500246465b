"""Result types of the gifts package."""

from dataclasses import dataclass
from datetime import date, datetime

from app.kit.dates.days import Span
from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a split gift, in the gift's own currency."""

    amount: Money
    fund_id: int | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedGift:
    """The result of recording a gift, and the sentence for the toast message."""

    gift_id: int
    donor_id: int
    donor_name: str
    amount: Money
    pledge_id: int | None
    settled: int
    sentence: str


@dataclass(frozen=True, slots=True)
class GiftFilter:
    """The filter of gifts; empty means all. `query` is a donor's name, e-mail or phone."""

    span: Span | None = None
    fund_id: int | None = None
    method: str | None = None
    thanked: bool | None = None
    query: str = ""
    donor_id: int | None = None
    owner_id: int | None = None
    # True: linked to a pledge; False: not linked; None: both
    recurring: bool | None = None
    # True: without the gifts of donors who have died, as in mails; None: all
    living: bool | None = None
    # the rows of an import, of which `import_rows` selects the "new" or the "changed" ones
    import_id: int | None = None
    import_rows: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Cursor for keyset pagination: the last row's day and id (newest first)."""

    on: date
    gift_id: int


@dataclass(frozen=True, slots=True)
class GiftLine:
    """One gift or reversal; `taken_back` is the sum of its reversals (zero or more)."""

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
    # the donor gives anonymously, but the actor may see the name
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class GiftPage:
    """A page of gifts, and the filter's totals in the organisation's currency."""

    lines: list[GiftLine]
    gifts: int
    donors: int
    total: Money
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class ThankYou:
    """A gift not thanked for yet; `why` says what is special about it, or is empty."""

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
    """An unlinked gift that may pay a pledge, its remaining amount, and the pledges."""

    gift_id: int
    donor_id: int
    donor_name: str
    amount: Money
    on: date
    pledge_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FundName:
    """A fund that gifts can be assigned to."""

    fund_id: int
    name: str
    open: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """How recent the data is: the last gift's day, and the last import."""

    last_gift_date: date | None
    imported_at: datetime | None
    imported_by: str | None
