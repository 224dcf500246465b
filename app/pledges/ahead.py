"""What promises ask for in some days, however many promises there are."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from app.kit.cadence import Frequency, day_in
from app.kit.days import Span
from app.pledges.schedule import Pledge, columns

MONTHS = {
    Frequency.MONTHLY: 1,
    Frequency.BIMONTHLY: 2,
    Frequency.QUARTERLY: 3,
    Frequency.SEMIANNUAL: 6,
    Frequency.ANNUAL: 12,
}
DAYS = {Frequency.WEEKLY: 7, Frequency.BIWEEKLY: 14}


def asked(rows: Any, span: Span) -> Counter[str]:
    """Return minor units by currency that open-ended promises ask for in the days of the span.

    Each row is (currency, frequency, anchor, start, end, minor units). Promises that fall due
    alike from the span's first day on are looked at once, with their sum.
    """
    alike: Counter[tuple[str, str, int | None, date, date | None]] = Counter()
    for currency, frequency, anchor, start, end, minor in rows:
        near, day = nearer(Frequency(frequency), start, anchor, span.start)
        alike[currency, frequency, day, near, end] += int(minor)
    sums: Counter[str] = Counter()
    for (currency, frequency, anchor, start, end), minor in alike.items():
        promise = Pledge(minor, frequency, start, anchor=anchor, end=end)
        sums[currency] += due_in(promise, span)
    return sums


def due_in(promise: Pledge, span: Span) -> int:
    """Return the minor units one promise asks for in the days of the span."""
    days, amounts = columns(promise, span.last)
    return sum(amount for day, amount in zip(days, amounts, strict=True) if day >= span.start)


def nearer(
    frequency: Frequency, start: date, anchor: int | None, by: date
) -> tuple[date, int | None]:
    """Return a start and an anchor that fall due alike from `by` on, begun as late as can be."""
    if start >= by or frequency == Frequency.ONCE:
        return start, anchor
    if frequency in DAYS:
        step = DAYS[frequency]
        return start + timedelta(days=(by - start).days // step * step), None
    if frequency == Frequency.SEMIMONTHLY:
        # the 1st and 15th, or with anchor 31 the 15th and the last day, whatever the start
        return max(by.replace(day=1), start), anchor
    day = anchor or start.day
    step = MONTHS[frequency]
    first = start.year * 12 + start.month - 1
    if day_in(start.year, start.month, day) < start:
        first += 1
    ahead = (by.year * 12 + by.month - 1 - first) // step
    if ahead <= 0:
        return start, day
    year, month = divmod(first + ahead * step, 12)
    return date(year, month + 1, 1), day
