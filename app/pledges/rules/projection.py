"""Expected sums of pledges in a span, grouped so that the cost does not grow with their number."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from app.kit.dates.cadence import PERIOD_DAYS, STEP_DAYS, STEP_MONTHS, Frequency, day_in
from app.kit.dates.days import Span
from app.pledges.rules.lateness import PledgeStatus
from app.pledges.rules.schedule import Pledge, amount_on, columns, paused

# (currency, frequency, anchor, start, end, minor units)
ExpectedRow = tuple[str, str, int | None, date, date | None, int]


def due_by_currency(rows: Iterable[ExpectedRow], span: Span) -> Counter[str]:
    """Return minor units by currency due on open-ended pledges within the span.

    Each row is (currency, frequency, anchor, start, end, minor units). Pledges with the same due
    dates from the span's first day on are computed once, with their sum.
    """
    grouped: Counter[tuple[str, str, int | None, date, date | None]] = Counter()
    for currency, frequency, anchor, start, end, minor in rows:
        later_start, day = advance_start(Frequency(frequency), start, anchor, span.start)
        grouped[currency, frequency, day, later_start, end] += int(minor)
    sums: Counter[str] = Counter()
    for (currency, frequency, anchor, start, end), minor in grouped.items():
        pledge = Pledge(minor, frequency, start, anchor=anchor, end=end)
        sums[currency] += due_in(pledge, span)
    return sums


def due_in(pledge: Pledge, span: Span, *, received: int = 0) -> int:
    """Return the minor units still due on one pledge within the span.

    `received` is the sum received before the span: prepaid instalments are subtracted.
    """
    days, amounts = columns(pledge, span.last)
    before = bisect_left(days, span.start)
    ahead = max(0, received - sum(amounts[:before]))
    return max(0, sum(amounts[before:]) - ahead)


def support(pledge: Pledge, received: int, today: date) -> int:
    """Return the instalment (minor units) that a pledge contributes as support on a day."""
    if paused(pledge, today):
        return 0
    return fixed_support(pledge, received, today) if pledge.fixed else amount_on(pledge, today)


def fixed_support(pledge: Pledge, received: int, today: date) -> int:
    """Return the instalment (minor units) that a fixed pledge contributes as support on a day.

    It follows the schedule: 0 once the total is paid, while the current instalment is excused,
    and after the period of the last one.
    """
    period = timedelta(days=PERIOD_DAYS[Frequency(pledge.frequency)])
    days, amounts = columns(pledge, today + period)
    total = pledge.total if pledge.total is not None else sum(columns(pledge, date.max)[1])
    if not days or received >= total:
        return 0
    current = max(0, bisect_right(days, today) - 1)
    ended = current == len(days) - 1 and days[current] + period <= today
    return 0 if ended or not amounts[current] else amount_on(pledge, today)


def paid_up(pledge: Pledge, status: PledgeStatus, today: date) -> bool:
    """Return whether a pledge runs and all that it has asked for so far is paid.

    Instalments in their days of grace are not asked for yet. A pledge that is paid to its end
    runs until the period of its last instalment is over.
    """
    if status.state != "fulfilled":
        is_paid = status.state in {"on track", "paid ahead", "due"}
        return is_paid and status.next_due is not None
    if pledge.frequency == Frequency.ONCE:
        return False
    period = timedelta(days=PERIOD_DAYS[Frequency(pledge.frequency)])
    days, _ = columns(pledge, today + period)
    return bool(days) and today <= days[-1] + period + timedelta(days=pledge.grace_days)


def advance_start(
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
