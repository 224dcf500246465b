"""Parse dates in one date order per file, detected from all rows or chosen by the user."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel import Locale

from app.imports.values.problems import Problem
from app.imports.values.time_zones import AS_WRITTEN, DayZone
from app.kit.text import visible

ORDERS = ("ymd", "mdy", "dmy")
_TIME = r"(?P<rest>(?:(?:[T\s,]+|,?\s+(?:at|um|à|om|a las|kl\.?)\s+)\d{1,2}[:.h]\d{2}.*)?)$"
_WEEKDAY = r"^(?:(?P<weekday>[^\W\d]+)\.?,?\s+)?"
_OF = r"(?:\s*\b(?:of|de|del|di|van)\b|\s*\bd['’])?"
_BETWEEN = r"[\s./-]+"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª)?\.?"
_MONTH = r"(?P<month>[^\W\d]+)\.?"
_YEAR = r"(?P<year>\d{4})"
_NUMBERS = re.compile(rf"^(\d{{1,4}})\s?[-/.\s]\s?(\d{{1,2}})\s?[-/.\s]\s?(\d{{1,4}})\.?{_TIME}")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?P<rest>)$")
_WITH_SIGNS = re.compile(
    rf"^{_YEAR}\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일]?{_TIME}"
)
# 5. März 2024, 5 de mayo de 2024, 5-Jan-24, Fri, 05 Jan 2024 10:00:00 +0100
_DAY_MONTH_YEAR = (
    rf"{_WEEKDAY}{_DAY}{_OF}[-\s/]*{_MONTH},?{_OF}[-\s/]+(?P<year>\d{{4}}|\d\d){_TIME}"
)
# January 5, 2024 at 3:04 PM, Fri Jan 05 2024 10:00:00 GMT+0100
_MONTH_DAY_YEAR = rf"{_WEEKDAY}{_MONTH}{_BETWEEN}{_DAY},?{_BETWEEN}{_YEAR}{_TIME}"
# 2024-Jan-05, 2024. március 5.
_YEAR_MONTH_DAY = rf"^{_YEAR}{_BETWEEN}{_MONTH}{_BETWEEN}{_DAY}{_TIME}"
# Fri Jan  5 10:00:00 CET 2024
_YEAR_LAST = rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+(?P<rest>\d+:\d\d(?::\d\d)?(?:\s[A-Z]+)?)\s+{_YEAR}$"
_WITH_WORDS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (_DAY_MONTH_YEAR, _MONTH_DAY_YEAR, _YEAR_MONTH_DAY, _YEAR_LAST)
)
# no two of these languages have a word for different months
_LANGUAGES = "en de fr es pt nl it hu pl cs sk sv da nb fi ro tr ca sl"


def _words(kind: str) -> dict[str, int]:
    """Return the names of months or days in these languages, in lower case, with their numbers."""
    words = {}
    for language in _LANGUAGES.split():
        for context in getattr(Locale.parse(language), kind).values():
            for width in {"wide", "abbreviated", "short"} & set(context):
                for number, word in context[width].items():
                    words[re.sub(r"^d(e |['’])", "", word.lower()).rstrip(".")] = number
    return words


_MONTHS = _words("months") | {"sept": 9, "mär": 3, "maerz": 3, "okt": 10, "dez": 12, "mrt": 3}
_WEEKDAYS = frozenset(_words("days")) | {"tues", "wednes", "thur", "thurs"}
EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
_DIGITS_OF_YEAR = 4


@dataclass(frozen=True, slots=True)
class DateCell:
    """A day, or the reason why the cell is not a date."""

    day: date | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DateOrder:
    """The date order of a file, or None: the user chooses. `unclear` cells fit several orders."""

    order: str | None
    unclear: tuple[str, ...] = ()


def date_order(counts: Iterable[tuple[str, int]]) -> DateOrder:
    """Detect the date order from (text, row count) pairs.

    Rows that fit one order vote for it; up to one vote in ten may be a typing error. A year of two
    digits may be at the beginning as well as at the end.
    """
    votes = Counter[str]()
    unclear: list[str] = []
    for text, rows in counts:
        match = _NUMBERS.match(visible(text))
        if not match or len(match[1]) == _DIGITS_OF_YEAR:
            continue
        orders = _possible_orders(match[1], match[2], match[3])
        if len(orders) == 1:
            votes[orders[0]] += rows
        elif orders:
            unclear.append(text)
    if votes:
        [(order, most), *_] = votes.most_common()
        clear = most >= 10 * (votes.total() - most)
        return DateOrder(order if clear else None, tuple(unclear))
    return DateOrder(None, tuple(unclear)) if unclear else DateOrder("ymd")


def _possible_orders(first: str, second: str, third: str) -> list[str]:
    """Return the orders that a date of three numbers fits; empty if they all mean one day."""
    one, two, three = int(first), int(second), int(third)
    if len(third) == _DIGITS_OF_YEAR:
        if one == two:
            return []
        if one > 12 >= two:  # noqa: PLR2004
            return ["dmy"]
        return ["mdy"] if two > 12 >= one else ["mdy", "dmy"]  # noqa: PLR2004
    fits = {
        "ymd": 1 <= two <= 12 and 1 <= three <= 31,  # noqa: PLR2004
        "mdy": 1 <= one <= 12 and 1 <= two <= 31,  # noqa: PLR2004
        "dmy": 1 <= one <= 31 and 1 <= two <= 12,  # noqa: PLR2004
    }
    return [order for order, fit in fits.items() if fit]


def has_short_year(text: str) -> bool:
    """Return whether a date of three numbers has a year of two digits."""
    match = _NUMBERS.match(visible(text))
    return match is not None and _DIGITS_OF_YEAR not in {len(match[1]), len(match[3])}


def read_day(text: str, order: str, *, this_year: int, zone: DayZone = AS_WRITTEN) -> DateCell:
    """Parse a cell in the file's date order; a time stamp becomes the organisation's day.

    A two-digit year is in this century up to the year after `this_year`, else in the previous one.
    """
    cell = visible(text)
    if match := _NUMBERS.match(cell) or _COMPACT.match(cell):
        read = _in_order(text, (match[1], match[2], match[3]), order, this_year)
        return _in_zone(read, match["rest"], zone)
    if match := _WITH_SIGNS.match(cell):
        read = _day(text, match["year"], match["month"], match["day"], this_year)
        return _in_zone(read, match["rest"], zone)
    for pattern in _WITH_WORDS:
        match = pattern.match(cell)
        named = match and match.groupdict().get("weekday")
        if named and named.lower() not in _WEEKDAYS:
            continue
        if match and (month := _MONTHS.get(match["month"].lower())):
            read = _day(text, match["year"], str(month), match["day"], this_year)
            return _in_zone(read, match["rest"], zone)
    if re.fullmatch(r"[34]\d{4}(\.\d+)?", cell):
        return _refused("date_is_day_number", text)
    return _refused("not_a_date", text)


def _in_zone(read: DateCell, rest: str, zone: DayZone) -> DateCell:
    """Return the organisation's day of a time stamp."""
    return DateCell(zone.day(read.day, rest)) if read.day and rest else read


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
