"""What a pledge promises: every instalment, its day and its amount. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from itertools import islice, takewhile
from operator import itemgetter
from typing import NamedTuple

from app.kit.cadence import GRACE_DAYS, Frequency, due_dates, due_until


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


class Instalment(NamedTuple):
    """One due date and what it asks for (0 when waived), in minor units."""

    due: date
    amount: int


def schedule(pledge: Pledge, *, skip: int = 0) -> Iterator[Instalment]:
    """Yield every instalment in order, without end for open-ended support; `skip` leaves out some.

    A waived instalment asks for 0 and shifts nothing: it still counts towards the number of a
    fixed pledge. A fixed total stays owed: the last instalment takes what earlier ones, waived
    ones included, did not ask for.
    """
    if pledge.fixed:
        return islice(_fixed(pledge), skip, None)
    return _open(pledge, skip)


def instalments(pledge: Pledge, until: date) -> list[Instalment]:
    """List every instalment due up to and including `until`."""
    if pledge.fixed:
        return list(takewhile(lambda one: one.due <= until, _fixed(pledge)))
    days = _days(pledge, until)
    return list(map(Instalment, days, _asked(pledge, days)))


def columns(pledge: Pledge, until: date) -> tuple[list[date], list[int]]:
    """Return the days and the amounts of `instalments`, without building one for each."""
    if pledge.fixed:
        rows = instalments(pledge, until)
        return [one.due for one in rows], [one.amount for one in rows]
    days = _days(pledge, until)
    return days, _asked(pledge, days)


def paused(pledge: Pledge, day: date) -> bool:
    """Whether a day is inside a pause, both of its ends included."""
    # most pledges have no pause, and this is asked of every due date
    return bool(pledge.pauses) and any(
        start <= day and (end is None or day <= end) for start, end in pledge.pauses
    )


def paused_for_good(pledge: Pledge, day: date) -> bool:
    """Whether a pause without an end holds on that day."""
    return any(start <= day and end is None for start, end in pledge.pauses)


def amount_on(pledge: Pledge, day: date) -> int:
    """Return the instalment promised on a day, in minor units, whether or not one is due."""
    return _amount_on(pledge.amount, _versions(pledge), day)


def _fixed(pledge: Pledge) -> Iterator[Instalment]:
    left = planned = pledge.total
    number = 1 if pledge.frequency == Frequency.ONCE else pledge.instalments
    changes = _versions(pledge)
    days = due_dates(Frequency(pledge.frequency), pledge.start, pledge.anchor)
    for place, due in enumerate(days, start=1):
        over = pledge.end is not None and due > pledge.end
        if over or (number is not None and place > number) or 0 in {left, planned}:
            return
        amount = _amount_on(pledge.amount, changes, due) if changes else pledge.amount
        waived = _waived(pledge, due)
        if left is not None and planned is not None:
            # without a number the plan ends where it would have without anything waived
            last = place == number if number is not None else amount >= planned
            planned -= 0 if number is not None else min(amount, planned)
            amount = left if last else min(amount, left)
            left -= 0 if waived else amount
        yield Instalment(due, 0 if waived else amount)


def _open(pledge: Pledge, skip: int) -> Iterator[Instalment]:
    end, changes = pledge.end or date.max, _versions(pledge)
    frequency = Frequency(pledge.frequency)
    for due in due_dates(frequency, pledge.start, pledge.anchor, skip=skip):
        if due > end:
            return
        asked = 0 if _waived(pledge, due) else _amount_on(pledge.amount, changes, due)
        yield Instalment(due, asked)


def _days(pledge: Pledge, until: date) -> list[date]:
    last = until if pledge.end is None else min(until, pledge.end)
    return due_until(Frequency(pledge.frequency), pledge.start, last, pledge.anchor)


def _asked(pledge: Pledge, days: list[date]) -> list[int]:
    """Return what open-ended support asks for on its due dates."""
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
    # by day only: of two changes on one day the later in the list holds
    return sorted(pledge.changes, key=itemgetter(0))


def _amount_on(amount: int, changes: list[tuple[date, int]], due: date) -> int:
    for effective_from, changed in changes:
        if effective_from > due:
            break
        amount = changed
    return amount
