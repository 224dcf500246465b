"""When a promise is late: the schedule against the gifts. Pure: facts in, verdict out."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.kit.cadence import PERIOD_DAYS, Frequency
from app.pledges.schedule import (
    Instalment,
    Pledge,
    columns,
    instalments,
    paused,
    paused_for_good,
    schedule,
)

__all__ = [
    "Gift",
    "Instalment",
    "Match",
    "Offer",
    "Pledge",
    "Share",
    "Standing",
    "allocate",
    "assess",
    "instalments",
    "match",
    "schedule",
    "takes",
]

# Rule 3: these are never late, whatever came in.
AT_REST = {"paused", "completed", "cancelled"}
# How far ahead money already received is followed.
A_LIFE = timedelta(days=40 * 366)


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict; amounts in minor units, days as calendar days."""

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
    """What the gifts and the schedule say by today; `days` and `amounts` go together."""

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


def assess(pledge: Pledge, gifts: Sequence[tuple[date, int]], today: date) -> Standing:
    """Say where a pledge stands on a day.

    Args:
        pledge: the promise, amounts in minor units.
        gifts: (day, minor units) of the gifts linked to it, refunds negative, in any order;
            gifts dated after `today` are ignored.
        today: the day to judge, a calendar day of the organisation.
    """
    facts = _facts(pledge, gifts, today)
    resting = pledge.status in AT_REST or paused(pledge, today)
    late = None if resting else _late(pledge, facts)
    ended = pledge.status in {"completed", "cancelled"}
    next_due, all_paid = (None, False) if ended else _next_due(pledge, facts, today)
    state = _at_rest(pledge) if resting else _state(facts, late, next_due, all_paid=all_paid)
    gap = facts.expected - facts.received
    return Standing(
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
    past_grace = bisect_left(days, today - timedelta(days=pledge.grace_days))
    return _Facts(days, amounts, received, sum(amounts), latest, past_grace)


def _late(pledge: Pledge, facts: _Facts) -> _Shortfall | None:
    """Apply rules 6 to 8."""
    if sum(facts.amounts[: facts.past_grace]) <= facts.received:
        return None
    first = 0 if pledge.fixed else _answered(facts.days, facts.latest)
    cover = facts.received - sum(facts.amounts[:first])
    for index in range(first, facts.past_grace):
        amount = facts.amounts[index]
        if amount and amount > cover:
            missed = sum(1 for one in facts.amounts[index : facts.past_grace] if one)
            return _Shortfall(facts.days[index], missed, cover > 0)
        cover -= amount
    return None


def _answered(days: list[date], latest: date | None) -> int:
    """Count the instalments up to the one nearest in date to the latest positive gift (rule 8)."""
    if latest is None or not days:
        return 0
    after = bisect_left(days, latest)
    if after in {0, len(days)}:
        return max(after, 1)
    before = latest - days[after - 1]
    return after if before <= days[after] - latest else after + 1


def _next_due(pledge: Pledge, facts: _Facts, today: date) -> tuple[date | None, bool]:
    """Return the first instalment not fully covered, and whether the whole promise is covered.

    It looks ahead as far as a life goes, and not past the start of a pause without an end.
    """
    left = facts.received - facts.expected
    if left < 0:
        left = facts.received
        for due, amount in zip(facts.days, facts.amounts, strict=True):
            left -= amount
            if left < 0:
                return due, False
    horizon = max(today, pledge.start) + A_LIFE
    for due, amount in schedule(pledge, skip=len(facts.days)):
        left -= amount
        if left < 0:
            return due, False
        if due > horizon or (not amount and paused_for_good(pledge, due)):
            return None, False
    return None, bool(facts.days or facts.received)


def _at_rest(pledge: Pledge) -> str:
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
    """An instalment with the money that reached it, oldest first, in minor units.

    `state` is paid, part-paid, open or waived.
    """

    due: date
    amount: int
    paid: int
    state: str


def allocate(pledge: Pledge, gifts: Sequence[tuple[date, int]], until: date) -> list[Share]:
    """Give each instalment due by `until` its share of what came in by then, oldest first."""
    left = max(0, sum(amount for day, amount in gifts if day <= until))
    shares = []
    for due, amount in instalments(pledge, until):
        paid = min(amount, left)
        left -= paid
        state = "waived" if not amount else "paid" if paid == amount else "open"
        shares.append(Share(due, amount, paid, "part-paid" if 0 < paid < amount else state))
    return shares


def takes(pledge: Pledge, gifts: Sequence[tuple[date, int]], amount: int, day: date) -> bool:
    """Whether a gift belongs to a donor's only active pledge.

    The amount must equal an instalment's or the sum still open, and the day be within half a
    period of a due date. `gifts` are those the pledge has already, all in minor units.
    """
    return not _doubt(pledge, gifts, amount, day)


def _doubt(pledge: Pledge, gifts: Sequence[tuple[date, int]], amount: int, day: date) -> str:
    """Say why a gift does not fit a pledge, or nothing when it does."""
    reach = timedelta(days=PERIOD_DAYS[Frequency(pledge.frequency)] // 2)
    near = [one for one in instalments(pledge, day + reach) if abs(one.due - day) <= reach]
    if not near:
        return "The day is not near a day on which the pledge is due."
    if any(one.amount == amount for one in near):
        return ""
    behind = assess(pledge, gifts, day).behind
    if behind > 0 and amount == behind:
        return ""
    return "The amount is neither an instalment nor the sum still open."


class Gift(NamedTuple):
    """A gift as it comes in, in minor units of its currency; `pledge_id` when someone named it."""

    day: date
    amount: int
    currency: str
    fund_id: int | None = None
    pledge_id: int | None = None


class Offer(NamedTuple):
    """One of the donor's pledges and the gifts it has already."""

    pledge_id: int
    pledge: Pledge
    currency: str
    fund_id: int | None = None
    gifts: Sequence[tuple[date, int]] = ()


class Match(NamedTuple):
    """The pledge that takes the gift, or None; those to suggest instead; and why."""

    pledge_id: int | None
    suggested: tuple[int, ...]
    reason: str


def match(gift: Gift, pledges: Sequence[Offer]) -> Match:
    """Say which of a donor's pledges takes a gift, never guessing between two."""
    if gift.pledge_id is not None:
        return Match(gift.pledge_id, (), "The pledge was named.")
    fitting = [
        one
        for one in pledges
        if one.pledge.status == "active"
        and one.currency == gift.currency
        and (gift.fund_id is None or one.fund_id in {None, gift.fund_id})
    ]
    ids = tuple(one.pledge_id for one in fitting)
    if not ids:
        return Match(None, (), "There is no active pledge in this currency and fund.")
    if len(ids) > 1:
        return Match(None, ids, "More than one pledge could take it.")
    doubt = _doubt(fitting[0].pledge, fitting[0].gifts, gift.amount, gift.day)
    if doubt:
        return Match(None, ids, doubt)
    return Match(ids[0], (), "The donor's only pledge, with this amount, near its day.")
