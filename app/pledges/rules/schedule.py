"""The schedule of a pledge: every instalment with its day and amount. Pure functions."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta
from itertools import islice, takewhile
from operator import itemgetter
from typing import NamedTuple

from app.kit.cadence import GRACE_DAYS, Frequency, due_dates, due_until


class Terms(NamedTuple):
    """An earlier version of a pledge's terms, valid until a day (exclusive)."""

    until: date
    frequency: str
    anchor: int | None = None
    grace: int | None = None


@dataclass(frozen=True, slots=True)
class Pledge:
    """A pledge. Amounts are minor units; a pause includes both ends, None means open-ended.

    `changes` are (effective from, new amount), `skips` are excused due dates; `past` are the terms
    that applied before those of the pledge itself.
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
    past: Sequence[Terms] = ()

    @property
    def fixed(self) -> bool:
        """Return whether the pledge is for a fixed sum; an end date alone does not make it so."""
        return self.total is not None or self.instalments is not None

    @property
    def grace_days(self) -> int:
        """Return the days after a due date before it is overdue, by the newest terms."""
        return GRACE_DAYS[Frequency(self.frequency)] if self.grace is None else self.grace

    def terms_on(self, day: date) -> Terms:
        """Return the terms in force on a day; the newest have no end."""
        for one in sorted(self.past):
            if day < one.until:
                return one
        return Terms(date.max, self.frequency, self.anchor, self.grace)


class Instalment(NamedTuple):
    """One due date and its amount (0 when waived), in minor units."""

    due: date
    amount: int


def schedule(pledge: Pledge, *, skip: int = 0) -> Iterator[Instalment]:
    """Yield every instalment in order, endless for open-ended pledges, after the first `skip`.

    A waived instalment has the amount 0 and moves no other: it still counts towards the number
    of instalments of a fixed pledge. A fixed total remains owed: the last instalment takes the
    rest of what earlier ones, waived ones included, did not cover.
    """
    if pledge.fixed:
        return islice(_fixed(pledge), skip, None)
    return _open(pledge, skip)


def instalments(pledge: Pledge, until: date) -> list[Instalment]:
    """Return every instalment due up to and including `until`."""
    if pledge.fixed:
        return list(takewhile(lambda one: one.due <= until, _fixed(pledge)))
    days = _days(pledge, until)
    return list(map(Instalment, days, _asked(pledge, days)))


def columns(pledge: Pledge, until: date) -> tuple[list[date], list[int]]:
    """Return days and amounts of `instalments` as two lists, without an object for each."""
    if pledge.fixed:
        rows = instalments(pledge, until)
        return [one.due for one in rows], [one.amount for one in rows]
    days = _days(pledge, until)
    return days, _asked(pledge, days)


def paused(pledge: Pledge, day: date) -> bool:
    """Return whether a day is inside a pause, both ends included."""
    # most pledges have no pause, and this is called for every due date
    return bool(pledge.pauses) and any(
        start <= day and (end is None or day <= end) for start, end in pledge.pauses
    )


def paused_for_good(pledge: Pledge, day: date) -> bool:
    """Return whether a pause without an end is in force on that day."""
    return any(start <= day and end is None for start, end in pledge.pauses)


def amount_on(pledge: Pledge, day: date) -> int:
    """Return the instalment in force on a day, in minor units, whether or not one is due."""
    return _amount_on(pledge.amount, _versions(pledge), day)


def _fixed(pledge: Pledge) -> Iterator[Instalment]:
    left = planned = pledge.total
    number = 1 if pledge.frequency == Frequency.ONCE else pledge.instalments
    changes = _versions(pledge)
    for place, due in enumerate(_due(pledge), start=1):
        over = pledge.end is not None and due > pledge.end
        if over or (number is not None and place > number) or 0 in {left, planned}:
            return
        amount = _amount_on(pledge.amount, changes, due) if changes else pledge.amount
        waived = _waived(pledge, due)
        if left is not None and planned is not None:
            # without a number of instalments the plan ends where it would have without waived ones
            last = place == number if number is not None else amount >= planned
            planned -= 0 if number is not None else min(amount, planned)
            amount = left if last else min(amount, left)
            left -= 0 if waived else amount
        yield Instalment(due, 0 if waived else amount)


def _open(pledge: Pledge, skip: int) -> Iterator[Instalment]:
    end, changes = pledge.end or date.max, _versions(pledge)
    for due in _due(pledge, skip=skip):
        if due > end:
            return
        asked = 0 if _waived(pledge, due) else _amount_on(pledge.amount, changes, due)
        yield Instalment(due, asked)


def overdue(pledge: Pledge, days: Sequence[date], today: date) -> int:
    """Return how many due dates there are up to the last one past its own grace days."""
    if not pledge.past:
        return bisect_left(days, today - timedelta(days=pledge.grace_days))
    for place in range(len(days), 0, -1):
        terms = pledge.terms_on(days[place - 1])
        grace = GRACE_DAYS[Frequency(terms.frequency)] if terms.grace is None else terms.grace
        if days[place - 1] + timedelta(days=grace) < today:
            return place
    return 0


def _due(pledge: Pledge, *, skip: int = 0) -> Iterator[date]:
    """Yield the due dates, by the terms in force on each."""
    if not pledge.past:
        frequency = Frequency(pledge.frequency)
        return due_dates(frequency, pledge.start, pledge.anchor, skip=skip)
    return islice(_due_by_terms(pledge), skip, None)


def _due_by_terms(pledge: Pledge) -> Iterator[date]:
    start = pledge.start
    for terms in sorted(pledge.past):
        days = due_dates(Frequency(terms.frequency), start, terms.anchor)
        yield from takewhile(terms.until.__gt__, days)
        start = max(start, terms.until)
    yield from due_dates(Frequency(pledge.frequency), start, pledge.anchor)


def _days(pledge: Pledge, until: date) -> list[date]:
    last = until if pledge.end is None else min(until, pledge.end)
    if pledge.past:
        return list(takewhile(last.__ge__, _due(pledge)))
    return due_until(Frequency(pledge.frequency), pledge.start, last, pledge.anchor)


def _asked(pledge: Pledge, days: list[date]) -> list[int]:
    """Return the amounts of an open-ended pledge on its due dates."""
    if not pledge.changes:
        amounts = [pledge.amount] * len(days)
    else:
        changes = _versions(pledge)
        amounts = [_amount_on(pledge.amount, changes, due) for due in days]
    if not (pledge.pauses or pledge.skips):
        return amounts
    return [0 if _waived(pledge, due) else asked for due, asked in zip(days, amounts, strict=True)]


def _waived(pledge: Pledge, due: date) -> bool:
    return due in pledge.skips or paused(pledge, due)


def _versions(pledge: Pledge) -> list[tuple[date, int]]:
    # by day only: of two changes on one day the later in the list applies
    return sorted(pledge.changes, key=itemgetter(0))


def _amount_on(amount: int, changes: list[tuple[date, int]], due: date) -> int:
    for effective_from, changed in changes:
        if effective_from > due:
            break
        amount = changed
    return amount
