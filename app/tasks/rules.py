"""The days of a task that repeats."""

from datetime import date

from app.kit.dates.cadence import Frequency, due_dates
from app.kit.dates.days import LATEST

REPEATS = tuple(str(frequency) for frequency in Frequency if frequency != Frequency.ONCE)


def next_day(repeats: str, start: date, *, after: date) -> date | None:
    """Return the first day after `after` in steps from `start`; None after the year 2199.

    The steps are counted from `start`, so that 31 January is followed by 28 February and by
    31 March.
    """
    following = next(day for day in due_dates(Frequency(repeats), start) if day > after)
    return following if following <= LATEST else None
