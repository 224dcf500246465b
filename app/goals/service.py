"""Monthly income, monthly support from pledges, and progress towards the goal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app import pledges
from app.accounts import Actor, Role, organisation, owners
from app.accounts.users.monthly_goals import goal_by_month
from app.db import Session
from app.goals import queries, rules
from app.goals.rules import YEAR
from app.kit.dates.days import Span, month_of, months_back, trailing_year
from app.kit.dates.period_rollup import by_months
from app.kit.errors import NotFoundError
from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Progress:
    """Monthly support against the monthly goal, in the organisation's currency.

    `pledged` is the monthly equivalent of the pledges in force; `one_time` a twelfth of the last
    twelve months' gifts without a pledge. Neither counts donors who have died. `share` is None
    without a goal; `gap` is at least 0.
    """

    pledged: Money
    one_time: Money
    goal: Money
    share: float | None
    gap: Money
    # pledges in force left out of `pledged` for lack of an exchange rate
    uncounted: tuple[pledges.Uncounted, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return one sentence per currency whose pledges are not counted."""
        return pledges.notes(self.uncounted)

    @property
    def support(self) -> Money:
        """Return the sum of pledged and one-time support."""
        return self.pledged + self.one_time


@dataclass(frozen=True, slots=True)
class Income:
    """Income net of reversals: with a pledge (recurring), and without one."""

    recurring: Money
    one_time: Money
    gifts: int

    @property
    def total(self) -> Money:
        """Return the sum of recurring and one-time income."""
        return self.recurring + self.one_time


def restricted_actor(
    db: Session, actor: Actor, *, owner_id: int | None = None, team_of: int | None = None
) -> Actor:
    """Return an actor restricted to one owner's donors, or a team's, within `actor`'s own.

    Raises:
        NotFoundError: the user does not exist or is not visible to the actor.
    """
    user_id = owner_id if team_of is None else team_of
    if user_id is None:
        return actor
    # taking another user's role would show amounts
    if not actor.sees_amounts or user_id not in {owner.user_id for owner in owners(db, actor)}:
        msg = "There is nobody of that name whose donors you may see."
        raise NotFoundError(msg)
    whole_team = team_of is not None and (actor.sees_everyone or team_of == actor.user_id)
    role = Role.SUPERVISOR if whole_team else Role.FUNDRAISER
    return replace(actor, user_id=user_id, role=role, reader=actor.reader or actor)


def progress(db: Session, actor: Actor, *, today: date, owner_id: int | None = None) -> Progress:
    """Return monthly support against the goal, of one owner or of everyone visible."""
    restricted = restricted_actor(db, actor, owner_id=owner_id)
    currency = organisation(db).currency
    month = month_of(today).start
    goal = goal_by_month(db, restricted, [month])[month]
    promised = pledges.monthly_support(db, restricted, today=today)
    pledged = promised.amount
    span = trailing_year(today)
    deceased_sum = sum(queries.one_time_of_deceased(db, restricted, span=span).values())
    year = income(db, restricted, span=span).one_time.minor - deceased_sum
    one_time = Money(rules.monthly_average(year), currency)
    support = (pledged + one_time).minor
    gap = Money(max(0, goal.minor - support), currency)
    share = rules.share(support, goal.minor)
    return Progress(pledged, one_time, goal, share, gap, promised.uncounted)


def support_by_month(
    db: Session, actor: Actor, *, today: date, number: int
) -> list[tuple[date, Money]]:
    """Return monthly support at the end of each of the last months before today's."""
    currency = organisation(db).currency
    firsts = months_back(today, number + YEAR)
    income_of = income_by_month(db, actor, months=firsts[:-1], today=today)
    deceased_of = queries.one_time_of_deceased(db, actor, span=Span(firsts[0], firsts[-1]))
    ends = [first - timedelta(days=1) for first in firsts[YEAR:]]
    supports = []
    for index, end in enumerate(ends):
        months = firsts[index : index + YEAR]
        year = sum(income_of[month].one_time.minor - deceased_of.get(month, 0) for month in months)
        pledged = pledges.monthly_equivalent(db, actor, today=end)
        supports.append((end, pledged + Money(rules.monthly_average(year), currency)))
    return supports


def income(db: Session, actor: Actor, *, span: Span) -> Income:
    """Return the income within the span."""
    cover = by_months(span)
    sums = [queries.sum_edges(db, actor, edges=cover.edges)]
    if cover.blocks:
        first, end = cover.blocks[0].start, cover.blocks[-1].end
        rows = queries.months(db, actor, first=first, end=end)
        sums += [(int(row[1]), int(row[2]), int(row[3])) for row in rows]
    return _income(sums, organisation(db).currency)


def income_by_month(
    db: Session, actor: Actor, *, months: Sequence[date], today: date
) -> dict[date, Income]:
    """Return the income of each of the consecutive months, by first day, today included.

    The last month is the one `today` is in, or an earlier one.
    """
    currency = organisation(db).currency
    end = month_of(months[-1]).end
    sums = {month: [(0, 0, 0)] for month in months}
    for month, *parts in queries.months(db, actor, first=months[0], end=end):
        sums[month].append((int(parts[0]), int(parts[1]), int(parts[2])))
    # gifts dated after today are not counted yet
    ahead = Span(today + timedelta(days=1), end)
    if ahead.days > 0:
        sums[months[-1]].append(queries.sum_edges(db, actor, edges=[(ahead, -1)]))
    return {month: _income(parts, currency) for month, parts in sums.items()}


def _income(sums: Sequence[tuple[int, int, int]], currency: str) -> Income:
    recurring, one_time, gifts = (sum(column) for column in zip(*sums, strict=True))
    return Income(Money(recurring, currency), Money(one_time, currency), gifts)
