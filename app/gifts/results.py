"""Result types of the gifts package."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from app.kit.dates.days import Span
from app.kit.formatting import count
from app.kit.money import Money

# orders of the list of gifts; by amount: of what they are worth in the organisation's currency
SORTS = ("newest", "oldest", "largest", "donor")
BY_AMOUNT = ("largest",)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a split gift, in the gift's own currency."""

    amount: Money
    fund_id: int | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class GiftDetails:
    """The fee, the receipt, the cheque and the tribute of a gift.

    `tribute` is one of TRIBUTES; `notify_name` and `notify_address` say who is told of it.
    """

    fee: Money | None = None
    # whether the donor wants a receipt
    receipt: bool = True
    check_number: str | None = None
    tribute: str | None = None
    tribute_name: str | None = None
    notify_name: str | None = None
    notify_address: str | None = None


NO_DETAILS = GiftDetails()


@dataclass(frozen=True, slots=True)
class Conversion:
    """What an amount is worth in the organisation's currency, at the rate of a day."""

    worth: Money
    rate: Decimal
    # the day from which the rate holds
    since: date


@dataclass(frozen=True, slots=True)
class Links:
    """What a gift is for: its fund, its campaign, and the pledge it pays."""

    fund_id: int | None = None
    campaign_id: int | None = None
    pledge_id: int | None = None

    def columns(self) -> dict[str, object]:
        """Return the columns of a gift."""
        return asdict(self)


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
    # no exchange rate is known for its day
    awaiting_rate: bool = False


@dataclass(frozen=True, slots=True)
class GiftFilter:
    """The filter of gifts; empty means all. `query` is a donor's name, e-mail or phone."""

    span: Span | None = None
    fund_id: int | None = None
    campaign_id: int | None = None
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
    # True: waiting for an exchange rate; False: the others; None: both
    awaiting_rate: bool | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Cursor for keyset pagination: the last row's sort value as text, and its id."""

    value: str
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
    # zero while the gift waits for an exchange rate
    base: Money
    on: date
    method: str | None
    fund: str | None
    campaign: str | None
    pledge_id: int | None
    pledge_reason: str | None
    reverses_id: int | None
    taken_back: Money
    thanked_at: datetime | None
    thanked_how: str | None
    note: str | None
    # the donor gives anonymously, but the actor may see the name
    anonymous: bool = False
    # in a foreign currency without a rate for its day: in no sum
    awaiting_rate: bool = False
    # None when split: the parts name the funds and campaigns
    fund_id: int | None = None
    campaign_id: int | None = None
    details: GiftDetails = NO_DETAILS

    @property
    def net(self) -> Money:
        """The amount without the fee."""
        return self.amount if self.details.fee is None else self.amount - self.details.fee


@dataclass(frozen=True, slots=True)
class AwaitingRate:
    """The gifts in a currency that wait for an exchange rate: number, sum, first and last day."""

    currency: str
    gifts: int
    amount: Money
    first: date
    last: date


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
    """A gift not thanked for yet; `why` says what is special about it, or is empty.

    `overdue`: it waits for longer than the organisation's settings allow.
    """

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
    overdue: bool = False


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
    version: int
    gl_code: str | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How recent the data is: the last gift's day, and the last import."""

    last_gift_date: date | None
    imported_at: datetime | None
    imported_by: str | None


@dataclass(frozen=True, slots=True)
class CampaignName:
    """A campaign that gifts and pledges can be assigned to."""

    campaign_id: int
    name: str
    open: bool
    version: int
    fund_id: int | None
    starts_on: date | None
    ends_on: date | None
    goal: Money | None


@dataclass(frozen=True, slots=True)
class FundLine:
    """A fund with what was given to it, net of reversals, in the organisation's currency."""

    fund_id: int
    version: int
    name: str
    open: bool
    gl_code: str | None
    gifts: int
    total: Money
    last_gift_date: date | None
    awaiting_rate: tuple[AwaitingRate, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign with its goal and what was given to it, in the organisation's currency."""

    campaign_id: int
    version: int
    name: str
    open: bool
    fund_id: int | None
    fund: str | None
    starts_on: date | None
    ends_on: date | None
    goal: Money | None
    gifts: int
    total: Money
    last_gift_date: date | None
    awaiting_rate: tuple[AwaitingRate, ...] = ()

    @property
    def progress(self) -> float | None:
        """Return the share of the goal that was given; None without a goal."""
        return None if self.goal is None else self.total.minor / self.goal.minor


@dataclass(frozen=True, slots=True)
class MergeEffect:
    """What a merge moves from one fund or campaign to the other."""

    name: str
    into: str
    gifts: int
    pledges: int
    campaigns: int = 0

    def __str__(self) -> str:
        """Return what is moved: "214 gifts, 3 pledges, 1 campaign"."""
        counts = ((self.gifts, "gift"), (self.pledges, "pledge"), (self.campaigns, "campaign"))
        return ", ".join(count(number, noun) for number, noun in counts if number) or "nothing"
