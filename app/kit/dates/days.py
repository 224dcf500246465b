"""Half-open ranges of days and calendar arithmetic."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.kit.dates.cadence import LAST_DAY, day_in
from app.kit.errors import InvalidError

MONTHS = 12
# the days that people may enter
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `start` (inclusive) to `end` (exclusive)."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        """Return whether the day is in the range."""
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """The number of days in the range."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day of the range."""
        return self.end - timedelta(days=1)

    def year_before(self) -> "Span":
        """Return the range one year earlier; the last day of a month maps to the last day."""
        return Span(months_after(self.start, -MONTHS), _next(year_earlier(self.last)))


def check_day(day: date) -> None:
    """Raise an error for a day that cannot be meant.

    Raises:
        InvalidError: the day is before 1900 or after 2199.
    """
    if not EARLIEST <= day <= LATEST:
        msg = f"The year {day.year:04} cannot be right. Please write all four digits."
        raise InvalidError(msg)


def months_after(day: date, months: int) -> date:
    """Return the day `months` months later (earlier if negative), at most that month's end."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return day_in(year, month + 1, day.day)


def year_earlier(day: date) -> date:
    """Return the same day one year earlier; the last day of a month maps to the last day.

    28 Feb 2029 gives 29 Feb 2028, so that a whole month or fiscal year is compared with a whole
    one.
    """
    month = months_after(day.replace(day=1), -MONTHS)
    is_month_end = _next(day).month != day.month
    return day_in(month.year, month.month, LAST_DAY if is_month_end else day.day)


def month_of(day: date) -> Span:
    """Return the calendar month that contains the day."""
    first = day.replace(day=1)
    return Span(first, months_after(first, 1))


def week_before(day: date) -> Span:
    """Return the seven days that ended yesterday."""
    return Span(day - timedelta(days=7), day)


def trailing_year(day: date) -> Span:
    """Return the twelve months up to and including the day.

    They begin on the day after the same day a year earlier, so that a gift given on one day of
    every year counts once. (The year is not subtracted from the exclusive end: for 28 Feb 2028
    the end is 29 Feb, and 28 Feb would count twice.)
    """
    return Span(_next(year_earlier(day)), _next(day))


def fiscal_year(day: date, start_month: int) -> int:
    """Return the fiscal year of a day, named by the calendar year in which it ends."""
    return day.year + (1 if start_month > 1 and day.month >= start_month else 0)


def fiscal_span(year: int, start_month: int) -> Span:
    """Return the days of the fiscal year that `fiscal_year` returns as `year`."""
    first = year if start_month == 1 else year - 1
    return Span(date(first, start_month, 1), date(first + 1, start_month, 1))


def fiscal_to_date(day: date, start_month: int) -> Span:
    """Return the fiscal year's days up to and including `day`."""
    year = fiscal_year(day, start_month)
    return Span(fiscal_span(year, start_month).start, _next(day))


def months_back(day: date, months: int) -> list[date]:
    """Return the first days of the last `months` months, oldest first, the day's month last."""
    first = day.replace(day=1)
    return [months_after(first, -back) for back in reversed(range(months))]


def _next(day: date) -> date:
    return day + timedelta(days=1)
