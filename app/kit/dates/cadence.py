"""Due dates of a pledge, computed from its anchor day and never from the last payment."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import count, dropwhile, islice, takewhile


class Frequency(StrEnum):
    """How often an instalment falls due."""

    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    SEMIMONTHLY = "semimonthly"
    MONTHLY = "monthly"
    BIMONTHLY = "bimonthly"
    QUARTERLY = "quarterly"
    SEMIANNUAL = "semiannual"
    ANNUAL = "annual"
    ONCE = "once"


LAST_DAY = 31
SHORTEST_MONTH = 28
# steps from one due date to the next, in days or in months
STEP_DAYS = {Frequency.WEEKLY: 7, Frequency.BIWEEKLY: 14}
STEP_MONTHS = {
    Frequency.MONTHLY: 1,
    Frequency.BIMONTHLY: 2,
    Frequency.QUARTERLY: 3,
    Frequency.SEMIANNUAL: 6,
    Frequency.ANNUAL: 12,
}
# Days after the due date before an instalment counts as overdue.
GRACE_DAYS = {
    Frequency.WEEKLY: 4,
    Frequency.BIWEEKLY: 5,
    Frequency.SEMIMONTHLY: 7,
    Frequency.MONTHLY: 10,
    Frequency.BIMONTHLY: 14,
    Frequency.QUARTERLY: 15,
    Frequency.SEMIANNUAL: 21,
    Frequency.ANNUAL: 30,
    Frequency.ONCE: 14,
}
PERIOD_DAYS = {
    Frequency.WEEKLY: 7,
    Frequency.BIWEEKLY: 14,
    Frequency.SEMIMONTHLY: 15,
    Frequency.MONTHLY: 30,
    Frequency.BIMONTHLY: 61,
    Frequency.QUARTERLY: 91,
    Frequency.SEMIANNUAL: 182,
    Frequency.ANNUAL: 365,
    Frequency.ONCE: 60,
}
# Instalments a month: the factors of the monthly equivalent.
PER_MONTH = {
    Frequency.WEEKLY: Fraction(52, 12),
    Frequency.BIWEEKLY: Fraction(26, 12),
    Frequency.SEMIMONTHLY: Fraction(2),
    Frequency.MONTHLY: Fraction(1),
    Frequency.BIMONTHLY: Fraction(1, 2),
    Frequency.QUARTERLY: Fraction(1, 3),
    Frequency.SEMIANNUAL: Fraction(1, 6),
    Frequency.ANNUAL: Fraction(1, 12),
    Frequency.ONCE: Fraction(0),
}
INTERVALS = {
    Frequency.WEEKLY: "a week",
    Frequency.BIWEEKLY: "every two weeks",
    Frequency.SEMIMONTHLY: "twice a month",
    Frequency.MONTHLY: "a month",
    Frequency.BIMONTHLY: "every two months",
    Frequency.QUARTERLY: "a quarter",
    Frequency.SEMIANNUAL: "every half year",
    Frequency.ANNUAL: "a year",
    Frequency.ONCE: "once",
}


def due_dates(
    frequency: Frequency, start: date, anchor: int | None = None, *, skip: int = 0
) -> Iterator[date]:
    """Yield the due dates from `start` on, without end (one for "once").

    `anchor` is the day of the month (1..31, 31 = the last day), by default the day of `start`;
    `skip` is the number of due dates to leave out at the beginning. The first due date is the
    first anchor day on or after `start`; weekly and biweekly pledges step from `start` itself.
    Semimonthly means the 1st and the 15th, or with anchor 31 the 15th and the last day.
    """
    if frequency == Frequency.ONCE:
        return islice((start,), skip, None)
    if frequency in STEP_DAYS:
        step = timedelta(days=STEP_DAYS[frequency])
        return (start + n * step for n in count(skip))
    if frequency == Frequency.SEMIMONTHLY:
        return islice(_semimonthly(start, anchor), skip, None)
    day, months = anchor or start.day, STEP_MONTHS[frequency]
    first = _first_month(start, day) + skip * months
    return (day_in(index // 12, index % 12 + 1, day) for index in count(first, months))


def due_until(
    frequency: Frequency, start: date, until: date, anchor: int | None = None
) -> list[date]:
    """Return the due dates up to and including `until`, faster than `due_dates`."""
    if frequency in STEP_DAYS:
        ordinals = range(start.toordinal(), until.toordinal() + 1, STEP_DAYS[frequency])
        return list(map(date.fromordinal, ordinals))
    if frequency not in STEP_MONTHS:
        return list(takewhile(until.__ge__, due_dates(frequency, start, anchor)))
    day = anchor or start.day
    months = range(_first_month(start, day), until.year * 12 + until.month, STEP_MONTHS[frequency])
    if day <= SHORTEST_MONTH:
        due = [date(index // 12, index % 12 + 1, day) for index in months]
    else:
        due = [day_in(index // 12, index % 12 + 1, day) for index in months]
    if due and due[-1] > until:
        due.pop()
    return due


def day_in(year: int, month: int, anchor: int) -> date:
    """Return the anchor day of a month, or its last day when the month is shorter."""
    if anchor <= SHORTEST_MONTH:
        return date(year, month, anchor)
    return date(year, month, min(anchor, calendar.monthrange(year, month)[1]))


def _first_month(start: date, anchor: int) -> int:
    """Return the month, counted from year 0, of the first anchor day on or after `start`."""
    index = start.year * 12 + start.month - 1
    return index + 1 if day_in(start.year, start.month, anchor) < start else index


def _semimonthly(start: date, anchor: int | None) -> Iterator[date]:
    days = (15, LAST_DAY) if anchor == LAST_DAY else (1, 15)
    months = count(start.year * 12 + start.month - 1)
    days_in_order = (day_in(index // 12, index % 12 + 1, day) for index in months for day in days)
    return dropwhile(start.__gt__, days_in_order)


def monthly_equivalent(amount: int, frequency: Frequency | str) -> Fraction:
    """Return the exact monthly equivalent, in minor units, of an instalment of `amount`.

    `amount` is in minor units. Sum first and round once at the end: `round()` of a Fraction
    rounds half to even.
    """
    return amount * PER_MONTH[Frequency(frequency)]
