"""What came in a month, what is promised a month, and how far that is to the goal."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.accounts import Actor, organisation
from app.db import Session
from app.db.rates import to_base
from app.goals import queries, rules
from app.kit.cover import by_months
from app.kit.days import Span, month_of, trailing_year
from app.kit.errors import InvalidError
from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Progress:
    """Monthly support against the monthly goal, in the organisation's currency.

    `pledged` is the monthly equivalent of the promises in force; `one_time` a twelfth of the last
    twelve months' gifts without a promise. `share` is None without a goal; `gap` is never below
    nothing. `left_out` names currencies without a known rate.
    """

    pledged: Money
    one_time: Money
    goal: Money
    share: float | None
    gap: Money
    left_out: tuple[str, ...] = ()

    @property
    def support(self) -> Money:
        """Both parts together."""
        return self.pledged + self.one_time


@dataclass(frozen=True, slots=True)
class Income:
    """Money that came in, net of reversals: against a promise, and without one."""

    recurring: Money
    one_time: Money

    @property
    def total(self) -> Money:
        """Both parts together."""
        return self.recurring + self.one_time


def progress(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    owners: Collection[int] | None = None,
) -> Progress:
    """Return monthly support and the goal of one owner, of some, or of all the actor sees."""
    chosen = owners if owner_id is None else (owner_id,)
    return history(db, actor, days=[today], owners=chosen)[0]


def history(
    db: Session, actor: Actor, *, days: Sequence[date], owners: Collection[int] | None = None
) -> list[Progress]:
    """Return the progress as it stood on each of the days, against today's goal."""
    currency = organisation(db).currency
    goal = Money(queries.goal(db, actor, owners=owners), currency)
    promised: dict[date, dict[str, list[tuple[str, int]]]] = {
        day: defaultdict(list) for day in days
    }
    for day, unit, often, amount in queries.promises(db, actor, days=days, owners=owners):
        promised[day][unit].append((often, int(amount)))
    answers = []
    for day in days:
        pledged, left_out = _pledged(db, promised[day], day, currency)
        year = income(db, actor, span=trailing_year(day), owners=owners).one_time
        one_time = Money(rules.one_time_a_month(year.minor), currency)
        support = (pledged + one_time).minor
        gap = Money(max(0, goal.minor - support), currency)
        share = rules.share(support, goal.minor)
        answers.append(Progress(pledged, one_time, goal, share, gap, left_out))
    return answers


def income(
    db: Session, actor: Actor, *, span: Span, owners: Collection[int] | None = None
) -> Income:
    """Return what came in on the days of the span."""
    currency = organisation(db).currency
    cover = by_months(span)
    recurring, one_time = queries.edges(db, actor, edges=cover.edges, owners=owners)
    if cover.blocks:
        first, end = cover.blocks[0].start, cover.blocks[-1].end
        for _, more_recurring, more_one_time in queries.months(
            db, actor, first=first, end=end, owners=owners
        ):
            recurring += int(more_recurring)
            one_time += int(more_one_time)
    return Income(Money(recurring, currency), Money(one_time, currency))


def income_by_month(
    db: Session,
    actor: Actor,
    *,
    months: Sequence[date],
    today: date,
    owners: Collection[int] | None = None,
) -> dict[date, Income]:
    """Return what came in each of the consecutive months, by its first day, today included.

    The last month is the one `today` is in, or an earlier one.
    """
    currency = organisation(db).currency
    end = month_of(months[-1]).end
    found = {
        month: (int(recurring), int(one_time))
        for month, recurring, one_time in queries.months(
            db, actor, first=months[0], end=end, owners=owners
        )
    }
    # a gift dated after today is not there yet
    edge = Span(today + timedelta(days=1), end)
    if edge.days > 0:
        last = today.replace(day=1)
        early = queries.edges(db, actor, edges=[(edge, -1)], owners=owners)
        known = found.get(last, (0, 0))
        found[last] = (known[0] + early[0], known[1] + early[1])
    return {
        month: Income(*(Money(part, currency) for part in found.get(month, (0, 0))))
        for month in months
    }


def _pledged(
    db: Session, promised: dict[str, list[tuple[str, int]]], day: date, currency: str
) -> tuple[Money, tuple[str, ...]]:
    """Add up the monthly equivalents in the organisation's currency."""
    whole, left_out = Money(0, currency), []
    for unit, promises in sorted(promised.items()):
        here = Money(rules.pledged_a_month(promises), unit)
        try:
            whole += to_base(db, here, day)
        except InvalidError:
            left_out.append(unit)
    return whole, tuple(left_out)
