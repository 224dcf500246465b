"""When a promise is late: the schedule against the gifts. Pure: facts in, verdict out."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

from app.kit.cadence import GRACE_DAYS, PERIOD_DAYS, Frequency, due_dates

# Rule 3: these are never late, whatever came in.
AT_REST = {"paused", "completed", "cancelled"}
# How far ahead money already received is followed.
A_LIFE = timedelta(days=40 * 366)


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise. Amounts are minor units; both ends of a pause are inside, None runs on.

    `changes` are (effective from, new amount), `skips` are excused due dates.
    """

    amount: int
    frequency: str
    start: date
    _: KW_ONLY
    anchor: int | None = None
    end: date | None = None
    instalments: int | None = None
    total: int | None = None
    grace: int | None = None
    status: str = "active"
    pauses: Sequence[tuple[date, date | None]] = ()
    skips: frozenset[date] = frozenset()
    changes: Sequence[tuple[date, int]] = ()

    @property
    def fixed(self) -> bool:
        """Whether the promise is for a certain sum; an end date alone does not make it so."""
        return self.total is not None or self.instalments is not None

    @property
    def grace_days(self) -> int:
        """Days after a due date before it counts as overdue."""
        return GRACE_DAYS[Frequency(self.frequency)] if self.grace is None else self.grace


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


class Instalment(NamedTuple):
    """One due date and what it asks for (0 when waived), in minor units."""

    due: date
    amount: int


def schedule(pledge: Pledge) -> Iterator[Instalment]:
    """Yield every instalment in order (rules 1 to 3), without end for open-ended support.

    A waived instalment asks for 0 and shifts nothing: it still counts towards the number and
    the total of a fixed promise. The last instalment of a fixed total takes the remainder.
    """
    if not (pledge.total or pledge.changes or pledge.skips or pledge.pauses or pledge.fixed):
        yield from _plain(pledge)
        return
    left = pledge.total
    changes = sorted(pledge.changes)
    number = 1 if pledge.frequency == Frequency.ONCE else pledge.instalments
    free = pledge.skips or pledge.pauses
    for place, due in enumerate(
        due_dates(Frequency(pledge.frequency), pledge.start, pledge.anchor), start=1
    ):
        over = pledge.end is not None and due > pledge.end
        if over or (number is not None and place > number) or left == 0:
            return
        amount = _amount_on(pledge.amount, changes, due) if changes else pledge.amount
        if left is not None:
            amount = left if place == number else min(amount, left)
            left -= amount
        yield Instalment(due, 0 if free and _waived(pledge, due) else amount)


def _plain(pledge: Pledge) -> Iterator[Instalment]:
    """Yield the instalments of most pledges: one amount, no exceptions."""
    amount, end = pledge.amount, pledge.end or date.max
    for due in due_dates(Frequency(pledge.frequency), pledge.start, pledge.anchor):
        if due > end:
            return
        yield Instalment(due, amount)


def instalments(pledge: Pledge, until: date) -> list[Instalment]:
    """List every instalment due up to and including `until`."""
    return list(takewhile(lambda one: one.due <= until, schedule(pledge)))


def _waived(pledge: Pledge, due: date) -> bool:
    return due in pledge.skips or _paused(pledge, due)


def _paused(pledge: Pledge, day: date) -> bool:
    return any(start <= day and (end is None or day <= end) for start, end in pledge.pauses)


def _amount_on(amount: int, changes: list[tuple[date, int]], due: date) -> int:
    for effective_from, changed in changes:
        if effective_from > due:
            break
        amount = changed
    return amount


class _Shortfall(NamedTuple):
    oldest: date
    missed: int
    part_paid: bool


class _Facts(NamedTuple):
    due: list[Instalment]
    received: int
    expected: int
    late: _Shortfall | None
    next_due: date | None


def assess(pledge: Pledge, gifts: Sequence[tuple[date, int]], today: date) -> Standing:
    """Say where a pledge stands on a day.

    Args:
        pledge: the promise, amounts in minor units.
        gifts: (day, minor units) of the gifts linked to it, refunds negative, in any order;
            gifts dated after `today` are ignored.
        today: the day to judge, a calendar day of the organisation.
    """
    counted = [gift for gift in gifts if gift[0] <= today]
    received = sum(amount for _, amount in counted)
    due = instalments(pledge, today)
    expected = sum(one.amount for one in due)
    late = None
    if pledge.status not in AT_REST and not _paused(pledge, today):
        late = _late(pledge, due, counted, received, today)
    facts = _Facts(
        due, received, expected, late, _next_due(pledge, due, received, expected, today)
    )
    return Standing(
        late=late is not None,
        state=_state(pledge, facts, today),
        days_late=(today - late.oldest).days if late else 0,
        oldest_due=late.oldest if late else None,
        missed=late.missed if late else 0,
        behind=max(0, expected - received),
        credit=max(0, received - expected),
        next_due=facts.next_due,
        received=received,
        expected=expected,
    )


def _late(
    pledge: Pledge,
    due: list[Instalment],
    gifts: list[tuple[date, int]],
    received: int,
    today: date,
) -> _Shortfall | None:
    cutoff = today - timedelta(days=pledge.grace_days)
    past_grace = [one for one in due if one.due < cutoff]
    if sum(one.amount for one in past_grace) <= received:
        return None
    if pledge.fixed:
        return _walk(past_grace, received)
    after = _answered(due, gifts)
    cover = received - sum(one.amount for one in due[:after])
    return _walk(past_grace[after:], cover)


def _walk(owed: list[Instalment], cover: int) -> _Shortfall | None:
    """Pay the instalments in order; report from the first the cover cannot pay in full."""
    for index, one in enumerate(owed):
        if one.amount and one.amount > cover:
            missed = sum(1 for later in owed[index:] if later.amount)
            return _Shortfall(one.due, missed, cover > 0)
        cover -= one.amount
    return None


def _answered(due: list[Instalment], gifts: list[tuple[date, int]]) -> int:
    """Count the instalments up to the one nearest in date to the latest positive gift (rule 8)."""
    latest = max((day for day, amount in gifts if amount > 0), default=None)
    if latest is None or not due:
        return 0
    after = bisect_left(due, latest, key=lambda one: one.due)
    if after == 0:
        return 1
    if after == len(due):
        return after
    before = latest - due[after - 1].due
    return after if before <= due[after].due - latest else after + 1


def _next_due(
    pledge: Pledge, past: list[Instalment], received: int, expected: int, today: date
) -> date | None:
    """Return the first instalment not fully covered, looking ahead as far as a life goes."""
    if pledge.status in {"completed", "cancelled"}:
        return None
    horizon = max(today, pledge.start) + A_LIFE
    left = received - expected
    # What is due by now is paid: begin where the schedule has not been walked yet.
    ahead = islice(schedule(pledge), len(past), None) if left >= 0 else past
    received = left if left >= 0 else received
    for due, amount in ahead:
        received -= amount
        if received < 0:
            return due
        if due > horizon or (not amount and _for_good(pledge, due)):
            return None
    return None


def _for_good(pledge: Pledge, day: date) -> bool:
    """Whether a pause without an end holds on that day."""
    return any(start <= day and end is None for start, end in pledge.pauses)


def _state(pledge: Pledge, facts: _Facts, today: date) -> str:
    if pledge.status in {"completed", "cancelled"}:
        return pledge.status
    if pledge.status == "paused" or _paused(pledge, today):
        return "paused"
    if facts.late:
        return "part-paid, late" if facts.late.part_paid else "late"
    if facts.next_due is None and facts.due:
        return "fulfilled"
    if facts.received >= facts.expected:
        return "paid ahead" if facts.received > facts.expected else "on track"
    return _short(pledge, facts, today)


def _short(pledge: Pledge, facts: _Facts, today: date) -> str:
    """Name the state of a pledge that is owed something and not late."""
    before = sum(one.amount for one in facts.due if one.due < (facts.next_due or today))
    if facts.received > before:
        return "part-paid"
    cutoff = today - timedelta(days=pledge.grace_days)
    past_grace = sum(one.amount for one in facts.due if one.due < cutoff)
    return "behind, still giving" if past_grace > facts.received else "due"


class Share(NamedTuple):
    """An instalment with the money that reached it, oldest first; state paid, part-paid, open."""

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
    period of a due date.
    """
    reach = timedelta(days=PERIOD_DAYS[Frequency(pledge.frequency)] // 2)
    near = [one for one in instalments(pledge, day + reach) if abs(one.due - day) <= reach]
    if not near:
        return False
    if any(one.amount == amount for one in near):
        return True
    behind = assess(pledge, gifts, day).behind
    return behind > 0 and amount == behind
