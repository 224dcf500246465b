"""The lateness rule: compares a pledge's schedule with its gifts. Pure functions."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.pledges.rules.schedule import (
    Instalment,
    Pledge,
    Terms,
    columns,
    instalments,
    overdue,
    paused,
    paused_for_good,
    schedule,
)

__all__ = [
    "Instalment",
    "Pledge",
    "PledgeStatus",
    "Share",
    "Terms",
    "allocate",
    "assess",
    "instalments",
    "schedule",
]

# Rule 3: pledges with these statuses are never late, whatever was received.
NEVER_LATE = {"paused", "completed", "cancelled"}
# How far ahead prepaid instalments are followed.
LOOKAHEAD = timedelta(days=40 * 366)


@dataclass(frozen=True, slots=True)
class PledgeStatus:
    """The result of `assess`; amounts in minor units, days as calendar days."""

    late: bool
    state: str
    days_late: int
    oldest_due: date | None
    missed: int
    behind: int
    credit: int
    next_due: date | None
    received: int
    expected: int


class _Facts(NamedTuple):
    """Gifts and schedule up to today; `days` and `amounts` are parallel lists."""

    days: list[date]
    amounts: list[int]
    received: int
    expected: int
    latest: date | None
    past_grace: int


class _Shortfall(NamedTuple):
    oldest: date
    missed: int
    part_paid: bool


def assess(pledge: Pledge, gifts: Sequence[tuple[date, int]], today: date) -> PledgeStatus:
    """Return the status of a pledge on a day.

    Args:
        pledge: the pledge, amounts in minor units.
        gifts: (day, minor units) of the gifts linked to it, refunds negative, in any order;
            gifts dated after `today` are ignored.
        today: the day to assess, a calendar day of the organisation.
    """
    facts = _facts(pledge, gifts, today)
    resting = pledge.status in NEVER_LATE or paused(pledge, today)
    late = None if resting else _late(pledge, facts)
    ended = pledge.status in {"completed", "cancelled"}
    next_due, all_paid = (None, False) if ended else _next_due(pledge, facts, today)
    state = _resting_state(pledge) if resting else _state(facts, late, next_due, all_paid=all_paid)
    gap = facts.expected - facts.received
    return PledgeStatus(
        late=late is not None,
        state=state,
        days_late=(today - late.oldest).days if late else 0,
        oldest_due=late.oldest if late else None,
        missed=late.missed if late else 0,
        behind=max(0, gap),
        credit=max(0, -gap),
        next_due=next_due,
        received=facts.received,
        expected=facts.expected,
    )


def _facts(pledge: Pledge, gifts: Sequence[tuple[date, int]], today: date) -> _Facts:
    received, latest = 0, None
    for day, amount in gifts:
        if day <= today:
            received += amount
            if amount > 0 and (latest is None or day > latest):
                latest = day
    days, amounts = columns(pledge, today)
    past_grace = overdue(pledge, days, today)
    return _Facts(days, amounts, received, sum(amounts), latest, past_grace)


def _late(pledge: Pledge, facts: _Facts) -> _Shortfall | None:
    """Return the shortfall according to rules 6 to 8, or None if the pledge is not late."""
    if sum(facts.amounts[: facts.past_grace]) <= facts.received:
        return None
    first = 0 if pledge.fixed else _count_settled(facts.days, facts.latest)
    remaining = facts.received - sum(facts.amounts[:first])
    for index in range(first, facts.past_grace):
        amount = facts.amounts[index]
        if amount and amount > remaining:
            missed = sum(1 for amount_due in facts.amounts[index : facts.past_grace] if amount_due)
            return _Shortfall(facts.days[index], missed, remaining > 0)
        remaining -= amount
    return None


def _count_settled(days: list[date], latest: date | None) -> int:
    """Count the instalments up to the one nearest in date to the latest positive gift (rule 8)."""
    if latest is None or not days:
        return 0
    after = bisect_left(days, latest)
    if after in {0, len(days)}:
        return max(after, 1)
    before = latest - days[after - 1]
    return after if before <= days[after] - latest else after + 1


def _next_due(pledge: Pledge, facts: _Facts, today: date) -> tuple[date | None, bool]:
    """Return the first instalment not fully covered, and whether the whole pledge is covered.

    It looks ahead 40 years at most, and not past the start of a pause without an end.
    """
    balance = facts.received - facts.expected
    if balance < 0:
        balance = facts.received
        for due, amount in zip(facts.days, facts.amounts, strict=True):
            balance -= amount
            if balance < 0:
                return due, False
    horizon = max(today, pledge.start) + LOOKAHEAD
    for due, amount in schedule(pledge, skip=len(facts.days)):
        balance -= amount
        if balance < 0:
            return due, False
        if due > horizon or (not amount and paused_for_good(pledge, due)):
            return None, False
    return None, bool(facts.days or facts.received)


def _resting_state(pledge: Pledge) -> str:
    return pledge.status if pledge.status in {"completed", "cancelled"} else "paused"


def _state(
    facts: _Facts, late: _Shortfall | None, next_due: date | None, *, all_paid: bool
) -> str:
    if late:
        return "part-paid, late" if late.part_paid else "late"
    if all_paid:
        return "fulfilled"
    if facts.received >= facts.expected:
        return "paid ahead" if facts.received > facts.expected else "on track"
    reached = bisect_left(facts.days, next_due) if next_due else 0
    if facts.received > sum(facts.amounts[:reached]):
        return "part-paid"
    holes = sum(facts.amounts[: facts.past_grace]) > facts.received
    return "behind, still giving" if holes else "due"


class Share(NamedTuple):
    """An instalment with the amount allocated to it, oldest first, in minor units.

    `state` is paid, part-paid, open or waived.
    """

    due: date
    amount: int
    paid: int
    state: str


def allocate(pledge: Pledge, gifts: Sequence[tuple[date, int]], until: date) -> list[Share]:
    """Allocate what was received by `until` to the instalments due by then, oldest first."""
    unallocated = max(0, sum(amount for day, amount in gifts if day <= until))
    shares = []
    for due, amount in instalments(pledge, until):
        paid = min(amount, unallocated)
        unallocated -= paid
        state = "waived" if not amount else "paid" if paid == amount else "open"
        shares.append(Share(due, amount, paid, "part-paid" if 0 < paid < amount else state))
    return shares
