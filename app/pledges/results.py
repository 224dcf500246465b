"""Result types of the pledges package. Amounts are in the pledge's own currency."""

from dataclasses import dataclass
from datetime import date

from app.kit.money import Money

# The states as shown on the screen.
STATES = (
    "late",
    "part-paid, late",
    "behind, still giving",
    "due",
    "part-paid",
    "on track",
    "paid ahead",
    "paused",
    "fulfilled",
    "completed",
    "cancelled",
)


@dataclass(frozen=True, slots=True)
class PledgeFilter:
    """The filter of pledges; empty means all. `statuses` are stored, `states` are computed."""

    donor_id: int | None = None
    owner_id: int | None = None
    fund_id: int | None = None
    campaign_id: int | None = None
    statuses: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    # the rows of an import, of which `import_rows` selects the "new" or the "changed" ones
    import_id: int | None = None
    import_rows: str | None = None


@dataclass(frozen=True, slots=True)
class PledgeLine:
    """A pledge with its computed status on a day."""

    pledge_id: int
    version: int
    donor_id: int
    donor_name: str
    owner_id: int | None
    owner_name: str | None
    amount: Money
    frequency: str
    start: date
    end: date | None
    instalments: int | None
    total: Money | None
    status: str
    fund: str | None
    campaign: str | None
    method: str | None
    note: str | None
    state: str
    late: bool
    days_late: int
    oldest_due: date | None
    missed: int
    behind: Money
    credit: Money
    next_due: date | None
    received: Money
    expected: Money
    last_gift_date: date | None
    # the day of the month and the days of grace now, if they are not the usual ones
    anchor: int | None = None
    grace: int | None = None
    fund_id: int | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class LatePledge:
    """A late pledge, with a sentence that gives the reason."""

    pledge_id: int
    donor_id: int
    donor_name: str
    owner_id: int | None
    amount: Money
    frequency: str
    days_late: int
    oldest_due: date
    missed: int
    behind: Money
    state: str
    last_gift_date: date | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Instalment:
    """A due date, its amount, the amount paid, and its state: paid, part-paid, open or waived."""

    due: date
    amount: Money
    paid: Money
    state: str


@dataclass(frozen=True, slots=True)
class PledgeView:
    """One pledge with its history."""

    line: PledgeLine
    amounts: tuple[tuple[date, Money], ...]
    pauses: tuple[tuple[date, date | None], ...]
    skips: tuple[date, ...]
    calendar: tuple[Instalment, ...]
    editable: bool
    # the newest terms, and the earlier ones as (until, frequency)
    anchor: int | None = None
    grace: int | None = None
    fund_id: int | None = None
    campaign_id: int | None = None
    terms: tuple[tuple[date, str], ...] = ()
