"""Result types of the insights package. Amounts are net, in the organisation's currency."""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from app.donors import AtRisk, Credit, Unit
from app.gifts import AwaitingRate, GiftLine, ThankYou
from app.goals import Income, Progress
from app.insights.rules import Change, Period
from app.kit.dates.days import Span
from app.kit.money import Money
from app.pledges import LatePledge, Uncounted, notes

Row = TypeVar("Row")
THREE_MONTHS = 3


@dataclass(frozen=True, slots=True)
class DashboardFilter:
    """The dashboard's filter: a period, a fund, and one owner or a supervisor's team."""

    period: Period = Period.TWELVE_MONTHS
    fund_id: int | None = None
    owner_id: int | None = None
    team_of: int | None = None
    # whether a donor of the comparison is a person or a household with all its members
    unit: Unit = Unit.PERSON
    # which giving of a donor the comparison counts
    credit: Credit = Credit.HARD


@dataclass(frozen=True, slots=True)
class MonthIncome:
    """A month (its first day), its income, the total of the same month a year before, its goal.

    `goal` is None for one fund: goals are for all money.
    """

    month: date
    income: Income
    last_year: Money
    goal: Money | None = None


@dataclass(frozen=True, slots=True)
class ChangeStep:
    """The number of donors with one kind of change, and its amount (negative: a decrease)."""

    change: Change
    donors: int
    amount: Money


@dataclass(frozen=True, slots=True)
class DonorChange:
    """One donor's giving in the period before and now."""

    donor_id: int
    donor_name: str
    before: Money
    now: Money
    # the donor gives anonymously, but the actor may see the name
    anonymous: bool = False

    @property
    def change(self) -> Money:
        """Return the difference between now and before."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Changes:
    """A comparison of two equal periods: `before` + gains - losses = `now`.

    Shares are 0..1 and None without donors before: `retention` of donors, `gift_retention` of
    their money, `new_retention` and `repeat_retention` of those whose first gift was in the
    period before, or earlier. `average` is the money of the donors of now by their number. With
    soft credits, a gift can count for several donors: once in `before` and `now`, and a step
    "shared" subtracts the rest.
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
    average: Money | None
    top: tuple[DonorChange, ...]
    moved: tuple[DonorChange, ...]

    def donors(self, *kinds: Change) -> int:
        """Return the number of donors with these kinds of change."""
        return sum(step.donors for step in self.steps if step.change in kinds)


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """Given so far, on the same days last year, and expected from pledges until the year ends."""

    span: Span
    given: Money
    last_year: Money
    growth: float | None
    expected: Money
    # the last day of the fiscal year
    until: date
    # pledges left out of `expected` for lack of an exchange rate
    uncounted: tuple[Uncounted, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return one sentence per currency whose pledges are not in `expected`."""
        return notes(self.uncounted)

    @property
    def outlook(self) -> Money:
        """Return the sum given so far and expected until the year's end."""
        return self.given + self.expected


@dataclass(frozen=True, slots=True)
class AwaitingRates:
    """The gifts that a number leaves out for lack of an exchange rate, by number and currency.

    `every` are those that any of the numbers leaves out, `figures` those of the row of KPIs.
    """

    every: tuple[AwaitingRate, ...] = ()
    figures: tuple[AwaitingRate, ...] = ()
    support: tuple[AwaitingRate, ...] = ()
    year: tuple[AwaitingRate, ...] = ()
    income: tuple[AwaitingRate, ...] = ()
    compared: tuple[AwaitingRate, ...] = ()
    months: tuple[AwaitingRate, ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Every number of the dashboard. `progress` is None for one fund: goals are for all money."""

    filter: DashboardFilter
    progress: Progress | None
    year: FiscalYear
    income: Income
    months: tuple[MonthIncome, ...]
    changes: Changes
    awaiting_rate: AwaitingRates = AwaitingRates()


@dataclass(frozen=True, slots=True)
class TodaySummary:
    """The numbers of the Today screen; `history` is support at each month's end, shares are 0..1.

    `rhythm` has the last twelve months of each donor of `recent`, the current one last; `links` is
    how many gifts of the actor's own donors may belong to a pledge.
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
    links: int = 0
    awaiting_rate: AwaitingRates = AwaitingRates()


@dataclass(frozen=True, slots=True)
class Unthanked:
    """The newest gifts of visible donors that are not thanked for.

    `owners` are the names of the users whose donors gave them, without the actor's own, by id.
    """

    gifts: tuple[ThankYou, ...]
    owners: dict[int, str]


@dataclass(frozen=True, slots=True)
class TeamGiving:
    """What the donors of one owner give; amounts and gifts, which not every role may see.

    `history` is support at each month's end, `gifts` the number of the last seven days, `thanks`
    of those not thanked for, and `awaiting_rate` is what `progress` leaves out.
    """

    progress: Progress
    history: tuple[tuple[date, Money], ...]
    gifts: int
    thanks: int
    awaiting_rate: tuple[AwaitingRate, ...] = ()

    @property
    def three_months_ago(self) -> Money:
        """Return monthly support at the end of the third month before this one."""
        return self.history[-THREE_MONTHS][1]


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One owner of donors: late pledges, donors at risk, overdue tasks, contacts of seven days.

    `statuses` is the number of donors by status, without those that no donor has.
    """

    user_id: int
    name: str
    role: str
    late: int
    at_risk: int
    statuses: dict[str, int]
    giving: TeamGiving | None
    overdue: int = 0
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """The lines of a team, by name, and the seven days whose contacts and gifts they count."""

    lines: tuple[TeamLine, ...]
    week: Span


@dataclass(frozen=True, slots=True)
class FirstRows(Generic[Row]):
    """The first rows of a list, and the count of all."""

    first: tuple[Row, ...]
    count: int


@dataclass(frozen=True, slots=True)
class WorkLists:
    """The work lists: late pledges, donors at risk, gifts to thank for; and the newest gifts."""

    late: FirstRows[LatePledge]
    risky: FirstRows[AtRisk]
    thanks: FirstRows[ThankYou]
    recent: tuple[GiftLine, ...]


@dataclass(frozen=True, slots=True)
class DrilldownGift:
    """A gift, reversal or part of a split gift in the drill-down of a bar."""

    gift_id: int
    donor_id: int
    donor_name: str
    on: date
    # None while the gift waits for an exchange rate
    amount: Money | None
    fund: str | None
    recurring: bool
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class DrilldownRows(Generic[Row]):
    """The first rows behind a number, and the count and total of all of them."""

    rows: tuple[Row, ...]
    count: int
    total: Money
