"""Parse dates in one date order per file, detected from all rows or chosen by the user."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.imports.values.problems import Problem

ORDERS = ("ymd", "mdy", "dmy")
_TIME = r"(?:[T\s,]+\d{1,2}[:.h]\d{2}.*)?"
_NUMBERS = re.compile(rf"^(\d{{1,4}})\s?[-/.\s]\s?(\d{{1,2}})\s?[-/.\s]\s?(\d{{1,4}})\.?{_TIME}$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_DAY_WORD = re.compile(
    rf"^(?:[^\W\d]+,?\s+)?(\d{{1,2}})(?:st|nd|rd|th|\.)?[-\s/]+([^\W\d]+)\.?,?[-\s/]+(\d{{2,4}}){_TIME}$"
)
_WORD_DAY = re.compile(
    rf"^(?:[^\W\d]+,\s+)?([^\W\d]+)\.?[-\s]+(\d{{1,2}})(?:st|nd|rd|th)?,?[-\s]+(\d{{4}}){_TIME}$"
)
_MONTHS = {
    word: number
    for number, words in enumerate(
        [
            "jan january januar janvier enero",
            "feb february februar février febrero",
            "mar march märz mars marzo mär",
            "apr april avril abril",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio",
            "aug august août agosto",
            "sep sept september septembre septiembre",
            "oct october oktober octobre octubre okt",
            "nov november novembre noviembre",
            "dec december dezember décembre diciembre dez",
        ],
        start=1,
    )
    for word in words.split()
}
EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
_DIGITS_OF_YEAR = 4


@dataclass(frozen=True, slots=True)
class DateCell:
    """A day, or the reason why the cell is not a date."""

    day: date | None = None
    problem: Problem | None = None


def date_order(counts: Iterable[tuple[str, int]]) -> str | None:
    """Detect the date order from (text, row count) pairs; None when the user must choose."""
    day_first = month_first = unclear = 0
    for text, rows in counts:
        match = _NUMBERS.match(text.strip())
        if not match or len(match[1]) == _DIGITS_OF_YEAR:
            continue
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second:  # noqa: PLR2004
            day_first += rows
        elif second > 12 >= first:  # noqa: PLR2004
            month_first += rows
        elif first != second:
            unclear += rows
    if (
        day_first
        and month_first
        and max(day_first, month_first) < 10 * min(day_first, month_first)
    ):
        return None
    if day_first or month_first:
        return "dmy" if day_first > month_first else "mdy"
    return None if unclear else "ymd"


def read_day(text: str, order: str, *, this_year: int) -> DateCell:
    """Parse a cell in the file's date order.

    A two-digit year is in this century up to the year after `this_year`, else in the previous one.
    """
    cell = text.strip()
    if match := _NUMBERS.match(cell) or _COMPACT.match(cell):
        return _in_order(text, (match[1], match[2], match[3]), order, this_year)
    for pattern, day, month, year in ((_DAY_WORD, 1, 2, 3), (_WORD_DAY, 2, 1, 3)):
        if (words := pattern.match(cell)) and words[month].lower() in _MONTHS:
            number = str(_MONTHS[words[month].lower()])
            return _day(text, words[year], number, words[day], this_year)
    if re.fullmatch(r"[34]\d{4}(\.\d+)?", cell):
        return _refused("date_is_day_number", text)
    return _refused("not_a_date", text)


def _refused(code: str, text: str) -> DateCell:
    return DateCell(problem=Problem(code, {"text": text}))


def _in_order(text: str, parts: tuple[str, str, str], order: str, this_year: int) -> DateCell:
    first, second, third = parts
    year_first = len(first) >= 3 or (order == "ymd" and len(third) <= 2)  # noqa: PLR2004
    if year_first:
        return _day(text, first, second, third, this_year)
    if order == "dmy":
        return _day(text, third, second, first, this_year)
    if order == "mdy" or first == second:
        return _day(text, third, first, second, this_year)
    return _refused("date_in_other_order", text)


def _day(text: str, year: str, month: str, day: str, this_year: int) -> DateCell:
    number = int(year)
    if len(year) <= 2:  # noqa: PLR2004
        number += this_year - this_year % 100
        if number > this_year + 1:
            number -= 100
    elif number < EARLIEST.year or number > LATEST.year:
        return DateCell(problem=Problem("date_out_of_range", {"text": text, "year": number}))
    try:
        return DateCell(date(number, int(month), int(day)))
    except ValueError:
        return _refused("date_not_in_calendar", text)
