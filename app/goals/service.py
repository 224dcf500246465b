"""Monthly support from pledges and gifts, and progress towards the goal."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from app import pledges
from app.accounts import Actor, Role, organisation, owners
from app.accounts.users.monthly_goals import goal_by_month
from app.db import Session
from app.goals import queries, rules
from app.goals.income import NONE_KNOWN, Incomes, income, income_by_month
from app.goals.rules import YEAR
from app.kit.dates.days import Span, month_of, months_back, trailing_year
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


def progress(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    known: Incomes = NONE_KNOWN,
) -> Progress:
    """Return monthly support against the goal, of one owner or of everyone visible.

    `known` is the income of the actor, or of the owner.
    """
    restricted = restricted_actor(db, actor, owner_id=owner_id)
    currency = organisation(db).currency
    month = month_of(today).start
    goal = goal_by_month(db, restricted, [month])[month]
    promised = pledges.monthly_support(db, restricted, today=today)
    span = trailing_year(today)
    deceased_sum = sum(queries.one_time_of_deceased(db, restricted, span=span).values())
    year = income(db, restricted, span=span, known=known).one_time.minor - deceased_sum
    return progress_of(promised, Money(year, currency), goal)


def progress_of(promised: pledges.Converted, year: Money, goal: Money) -> Progress:
    """Return the progress of pledges in force and a year's gifts without a pledge to a goal."""
    pledged = promised.amount
    one_time = Money(rules.monthly_average(year.minor), year.currency)
    support = (pledged + one_time).minor
    gap = Money(max(0, goal.minor - support), year.currency)
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
