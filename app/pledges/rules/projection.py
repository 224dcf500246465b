"""Expected sums of pledges in a span, grouped so that the cost does not grow with their number."""

from bisect import bisect_left, bisect_right
from collections import Counter
from datetime import date, timedelta
from typing import Any

from app.kit.cadence import PERIOD_DAYS, STEP_DAYS, STEP_MONTHS, Frequency, day_in
from app.kit.days import Span
from app.pledges.rules.lateness import Standing
from app.pledges.rules.schedule import Pledge, amount_on, columns, paused


def asked(rows: Any, span: Span) -> Counter[str]:
    """Return minor units by currency due on open-ended pledges within the span.

    Each row is (currency, frequency, anchor, start, end, minor units). Pledges with the same due
    dates from the span's first day on are computed once, with their sum.
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


def due_in(promise: Pledge, span: Span, *, received: int = 0) -> int:
    """Return the minor units still due on one pledge within the span.

    `received` is the sum received before the span: prepaid instalments are subtracted.
    """
    days, amounts = columns(promise, span.last)
    before = bisect_left(days, span.start)
    ahead = max(0, received - sum(amounts[:before]))
    return max(0, sum(amounts[before:]) - ahead)


def support(promise: Pledge, received: int, today: date) -> int:
    """Return the instalment (minor units) that a pledge contributes as support on a day."""
    if paused(promise, today):
        return 0
    return fixed_support(promise, received, today) if promise.fixed else amount_on(promise, today)


def fixed_support(promise: Pledge, received: int, today: date) -> int:
    """Return the instalment (minor units) that a fixed pledge contributes as support on a day.

    It follows the schedule: 0 once the total is paid, while the current instalment is excused,
    and after the period of the last one.
    """
    period = timedelta(days=PERIOD_DAYS[Frequency(promise.frequency)])
    days, amounts = columns(promise, today + period)
    whole = promise.total if promise.total is not None else sum(columns(promise, date.max)[1])
    if not days or received >= whole:
        return 0
    current = max(0, bisect_right(days, today) - 1)
    over = current == len(days) - 1 and days[current] + period <= today
    return 0 if over or not amounts[current] else amount_on(promise, today)


def paid_up(promise: Pledge, standing: Standing, today: date) -> bool:
    """Return whether a pledge runs and all that it has asked for so far is paid.

    Instalments in their days of grace are not asked for yet. A pledge that is paid to its end
    runs until the period of its last instalment is over.
    """
    if standing.state != "fulfilled":
        fine = standing.state in {"on track", "paid ahead", "due"}
        return fine and standing.next_due is not None
    if promise.frequency == Frequency.ONCE:
        return False
    period = timedelta(days=PERIOD_DAYS[Frequency(promise.frequency)])
    days, _ = columns(promise, today + period)
    return bool(days) and today <= days[-1] + period + timedelta(days=promise.grace_days)


def nearer(
    frequency: Frequency, start: date, anchor: int | None, by: date
) -> tuple[date, int | None]:
    """Return the latest start and anchor with the same due dates from `by` on."""
    if start >= by or frequency == Frequency.ONCE:
        return start, anchor
    if frequency in STEP_DAYS:
        step = STEP_DAYS[frequency]
        return start + timedelta(days=(by - start).days // step * step), None
    if frequency == Frequency.SEMIMONTHLY:
        # the 1st and 15th, or with anchor 31 the 15th and the last day, independent of the start
        return max(by.replace(day=1), start), anchor
    day = anchor or start.day
    step = STEP_MONTHS[frequency]
    first = start.year * 12 + start.month - 1
    if day_in(start.year, start.month, day) < start:
        first += 1
    ahead = (by.year * 12 + by.month - 1 - first) // step
    if ahead <= 0:
        return start, day
    year, month = divmod(first + ahead * step, 12)
    return date(year, month + 1, 1), day
