"""The schedule of a pledge: every instalment with its day and amount. Pure functions."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date, timedelta
from itertools import islice, takewhile
from operator import itemgetter
from typing import NamedTuple

from app.kit.dates.cadence import GRACE_DAYS, Frequency, due_dates, due_until


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
        for terms in sorted(self.past):
            if day < terms.until:
                return terms
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
        return islice(_fixed_instalments(pledge), skip, None)
    return _open_ended_instalments(pledge, skip)


def instalments(pledge: Pledge, until: date) -> list[Instalment]:
    """Return every instalment due up to and including `until`."""
    if pledge.fixed:
        return list(
            takewhile(lambda instalment: instalment.due <= until, _fixed_instalments(pledge))
        )
    days = _due_dates_until(pledge, until)
    return list(map(Instalment, days, _amounts_due(pledge, days)))


def columns(pledge: Pledge, until: date) -> tuple[list[date], list[int]]:
    """Return days and amounts of `instalments` as two lists, without an object for each."""
    if pledge.fixed:
        rows = instalments(pledge, until)
        return [instalment.due for instalment in rows], [instalment.amount for instalment in rows]
    days = _due_dates_until(pledge, until)
    return days, _amounts_due(pledge, days)


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
    return _amount_on(pledge.amount, _changes_by_day(pledge), day)


def _fixed_instalments(pledge: Pledge) -> Iterator[Instalment]:
    unpaid = planned = pledge.total
    number = 1 if pledge.frequency == Frequency.ONCE else pledge.instalments
    changes = _changes_by_day(pledge)
    for position, due in enumerate(_due_dates(pledge), start=1):
        ended = pledge.end is not None and due > pledge.end
        if ended or (number is not None and position > number) or 0 in {unpaid, planned}:
            return
        amount = _amount_on(pledge.amount, changes, due) if changes else pledge.amount
        waived = _is_waived(pledge, due)
        if unpaid is not None and planned is not None:
            # without a number of instalments the plan ends where it would have without waived ones
            last = position == number if number is not None else amount >= planned
            planned -= 0 if number is not None else min(amount, planned)
            amount = unpaid if last else min(amount, unpaid)
            unpaid -= 0 if waived else amount
        yield Instalment(due, 0 if waived else amount)


def _open_ended_instalments(pledge: Pledge, skip: int) -> Iterator[Instalment]:
    end, changes = pledge.end or date.max, _changes_by_day(pledge)
    for due in _due_dates(pledge, skip=skip):
        if due > end:
            return
        amount = 0 if _is_waived(pledge, due) else _amount_on(pledge.amount, changes, due)
        yield Instalment(due, amount)


def overdue(pledge: Pledge, days: Sequence[date], today: date) -> int:
    """Return how many due dates there are up to the last one past its own grace days."""
    if not pledge.past:
        return bisect_left(days, today - timedelta(days=pledge.grace_days))
    for position in range(len(days), 0, -1):
        terms = pledge.terms_on(days[position - 1])
        grace = GRACE_DAYS[Frequency(terms.frequency)] if terms.grace is None else terms.grace
        if days[position - 1] + timedelta(days=grace) < today:
            return position
    return 0


def _due_dates(pledge: Pledge, *, skip: int = 0) -> Iterator[date]:
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


def _due_dates_until(pledge: Pledge, until: date) -> list[date]:
    last = until if pledge.end is None else min(until, pledge.end)
    if pledge.past:
        return list(takewhile(last.__ge__, _due_dates(pledge)))
    return due_until(Frequency(pledge.frequency), pledge.start, last, pledge.anchor)


def _amounts_due(pledge: Pledge, days: list[date]) -> list[int]:
    """Return the amounts of an open-ended pledge on its due dates."""
    if not pledge.changes:
        amounts = [pledge.amount] * len(days)
    else:
        changes = _changes_by_day(pledge)
        amounts = [_amount_on(pledge.amount, changes, due) for due in days]
    if not (pledge.pauses or pledge.skips):
        return amounts
    return [
        0 if _is_waived(pledge, due) else amount for due, amount in zip(days, amounts, strict=True)
    ]


def _is_waived(pledge: Pledge, due: date) -> bool:
    return due in pledge.skips or paused(pledge, due)


def _changes_by_day(pledge: Pledge) -> list[tuple[date, int]]:
    # by day only: of two changes on one day the later in the list applies
    return sorted(pledge.changes, key=itemgetter(0))


def _amount_on(amount: int, changes: list[tuple[date, int]], due: date) -> int:
    for effective_from, changed in changes:
        if effective_from > due:
            break
        amount = changed
    return amount
