"""What the insights room answers with. Amounts are in the organisation's currency, net."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from app.donors import AtRisk
from app.gifts import GiftLine, ThankYou
from app.goals import Income, Progress
from app.insights.rules import Change, Period
from app.kit.days import Span
from app.kit.money import Money
from app.pledges import LatePledge, Uncounted, notes

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class DashboardFilter:
    """What a dashboard shows: a period, a fund, and one owner or a supervisor's team."""

    period: Period = Period.TWELVE_MONTHS
    fund_id: int | None = None
    owner_id: int | None = None
    team_of: int | None = None


@dataclass(frozen=True, slots=True)
class MonthIncome:
    """A month (its first day), what came in, and the same month a year before."""

    month: date
    income: Income
    last_year: Money


@dataclass(frozen=True, slots=True)
class ChangeStep:
    """How many donors changed in one way, and by how much in all (negative is less)."""

    change: Change
    donors: int
    amount: Money


@dataclass(frozen=True, slots=True)
class DonorChange:
    """One donor's giving before and now."""

    donor_id: int
    donor_name: str
    before: Money
    now: Money
    # gives anonymously, and the name is shown all the same
    anonymous: bool = False

    @property
    def change(self) -> Money:
        """What came in more, or less."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Changes:
    """Two equal periods compared: `before` + gains - losses = `now`.

    Shares are 0..1 and None without donors before: `retention` of donors, `gift_retention` of
    their money, `new_retention` and `repeat_retention` of those who had and had not just begun.
    """

    before_span: Span
    span: Span
    before: Money
    now: Money
    steps: tuple[ChangeStep, ...]
    gains: Money
    losses: Money
    donors_before: int
    donors_now: int
    donors_kept: int
    retention: float | None
    gift_retention: float | None
    new_retention: float | None
    repeat_retention: float | None
    growth: float | None
    top: tuple[DonorChange, ...]
    moved: tuple[DonorChange, ...]


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """Given so far, the same days last year, and what promises still bring until the year ends."""

    span: Span
    given: Money
    last_year: Money
    growth: float | None
    expected: Money
    # the year's last day
    until: date
    # pledges that ask for something and are not in `expected`, as no exchange rate is known
    uncounted: tuple[Uncounted, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each currency whose pledges are not in what is expected."""
        return notes(self.uncounted)

    @property
    def outlook(self) -> Money:
        """Given so far and expected until the year's end."""
        return self.given + self.expected


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Every number of the dashboard. `progress` is None for one fund: goals are for all money."""

    filter: DashboardFilter
    progress: Progress | None
    year: FiscalYear
    income: Income
    months: tuple[MonthIncome, ...]
    changes: Changes


@dataclass(frozen=True, slots=True)
class Glance:
    """What Today shows: `history` is support at each month's end, shares of donors are 0..1.

    `rhythm` has the last twelve months of each donor of `recent`, the current one last; `thanks`
    are the newest gifts nobody was thanked for, `links` how many gifts may belong to a pledge, of
    the actor's own donors.
    """

    progress: Progress
    history: tuple[tuple[date, Money], ...]
    year: FiscalYear
    months: tuple[MonthIncome, ...]
    changes: Changes
    kept_a_year_ago: float | None
    kept_by_year: tuple[tuple[int, float], ...]
    recent: tuple[GiftLine, ...]
    rhythm: dict[int, tuple[Money, ...]]
    thanks: tuple[ThankYou, ...]
    links: int = 0


@dataclass(frozen=True, slots=True)
class Few(Generic[Row]):
    """The first of a list, and how many there are in all."""

    first: tuple[Row, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits: late pledges, donors at risk, gifts to thank for; and the newest gifts."""

    late: Few[LatePledge]
    risky: Few[AtRisk]
    thanks: Few[ThankYou]
    recent: tuple[GiftLine, ...]


@dataclass(frozen=True, slots=True)
class GiftBehind:
    """A gift, reversal or part of a split gift behind a bar."""

    gift_id: int
    donor_id: int
    donor_name: str
    on: date
    amount: Money
    fund: str | None
    recurring: bool
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Behind(Generic[Row]):
    """The first rows behind a number, how many there are in all, and what all add up to."""

    rows: tuple[Row, ...]
    count: int
    total: Money
