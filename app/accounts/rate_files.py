"""Read files of exchange rates: the European Central Bank's tables, and currency, day, rate.

Pure functions. The bank states what one euro is in other currencies; the rates here are what one
unit of a currency is in the organisation's, computed with decimals and rounded once.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from app.kit.dates.days import check_day
from app.kit.errors import InvalidError
from app.kit.formatting import count
from app.kit.money import check_currency

MAX_BYTES = 10 * 1024 * 1024
# numeric(18, 8) holds ten digits before the point
DECIMALS = 8
LARGEST = Decimal(10**10)
SMALLEST = Decimal(1).scaleb(-DECIMALS)
# how far ahead a rate may be entered
AHEAD = timedelta(days=366)
# reasons that a message names; the rest are counted
NAMED = 20
TOO_BIG = f"The file is larger than {MAX_BYTES // 1024**2} MB, and files of rates are not."
UNKNOWN = (
    "This file is not a table of exchange rates. It needs the columns currency, day and rate, or "
    "those of the European Central Bank: Date, USD, JPY and so on."
)
_EUR = "EUR"
_RATE = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)
_NO_RATE = frozenset({"", "N/A", "-"})
_DAYS = ("%Y-%m-%d", "%d %B %Y")
_PLAIN = {"currency": "currency", "day": "day", "date": "day", "rate": "rate"}
# enough digits that a quotient is exact to the last decimal that is stored
_PRECISION = 50


@dataclass(frozen=True, slots=True)
class RateFile:
    """The rates of a file by currency and day, and sentences on what was left out of it."""

    rates: dict[tuple[str, date], Decimal]
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """A file while it is read."""

    base: str
    today: date
    rates: dict[tuple[str, date], Decimal] = field(default_factory=dict)
    unusable: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def check_rate_day(day: date, *, today: date) -> None:
    """Raise an error for a day that no rate can be entered for.

    Raises:
        InvalidError: the day cannot be meant, or is more than a year ahead.
    """
    check_day(day)
    if day > today + AHEAD:
        msg = f"{day.isoformat()} is more than a year ahead. Check the year of the rate."
        raise InvalidError(msg)


def parse_rate(rate: Decimal | str) -> Decimal:
    """Return a rate, or raise an error for what is none.

    Raises:
        InvalidError: it is no number above 0, too large, or has more than eight decimals.
    """
    text = f"{rate:f}" if isinstance(rate, Decimal) else rate.strip()
    worth = Decimal(text) if _RATE.fullmatch(text) else Decimal(0)
    if not 0 < worth < LARGEST:
        msg = (
            "The rate must be a number above 0 such as 1.085: what one unit is worth. Write "
            "decimals with a point."
        )
        raise InvalidError(msg)
    if worth != worth.quantize(SMALLEST):
        msg = f"The rate {text:.40} has more than {DECIMALS} decimals. Round it."
        raise InvalidError(msg)
    return worth.quantize(SMALLEST).normalize()


def read_rates(data: bytes, *, base: str, today: date) -> RateFile:
    """Return the rates of a file in the currency `base`.

    Raises:
        InvalidError: the file is no table of rates, or a row cannot be used; the message names
            the rows and says why.
    """
    rows = _rows(data)
    header = next(rows, None)
    if header is None:
        msg = "The file is empty."
        raise InvalidError(msg)
    names = [name.strip() for name in header[1]]
    reading = _Reading(base, today)
    plain = [_PLAIN.get(name.lower(), "") for name in names]
    try:
        if {"currency", "day", "rate"} <= set(plain):
            _read_plain(rows, plain, reading)
        elif names[0].lower() == "date" and any(_is_code(name) for name in names[1:]):
            _read_bank(rows, names, reading)
        else:
            raise InvalidError(UNKNOWN)
    except csv.Error as error:
        raise InvalidError(UNKNOWN) from error
    _check(reading)
    return RateFile(reading.rates, tuple(reading.left_out))


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its line."""
    if len(data) > MAX_BYTES:
        raise InvalidError(TOO_BIG)
    if data.startswith(b"PK\x03\x04"):
        msg = "This is a zip file or a workbook. Unpack it, or save it as CSV."
        raise InvalidError(msg)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError(UNKNOWN) from error
    if "\0" in text:
        raise InvalidError(UNKNOWN)
    first = text.lstrip().partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InvalidError(UNKNOWN) from error


def _is_code(name: str) -> bool:
    return len(name) == len(_EUR) and name.isascii() and name.isalpha() and name.isupper()


def _read_plain(
    rows: Iterator[tuple[int, list[str]]], names: Sequence[str], reading: _Reading
) -> None:
    for line, cells in rows:
        values = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        try:
            currency = values.get("currency", "").upper()
            check_foreign(currency, base=reading.base)
            day = _day(values.get("day", ""))
            check_rate_day(day, today=reading.today)
            _add(reading, currency, day, parse_rate(values.get("rate", "")))
        except InvalidError as error:
            reading.unusable.append(f"Row {line}: {error}")


def check_foreign(currency: str, *, base: str) -> None:
    """Raise an error for a currency that has no rate.

    Raises:
        InvalidError: it is unknown, or the organisation's own.
    """
    check_currency(currency)
    if currency == base:
        msg = f"{currency} is the organisation's own currency: its rate is always 1."
        raise InvalidError(msg)


def _read_bank(
    rows: Iterator[tuple[int, list[str]]], names: Sequence[str], reading: _Reading
) -> None:
    """Read a table with a day in each row and what a euro is worth in a currency per column."""
    columns = _columns(names, reading)
    if reading.base not in {_EUR, *columns.values()}:
        msg = f"The file has no rates of {reading.base}, your currency, so none can be computed."
        raise InvalidError(msg)
    without_base = []
    for line, cells in rows:
        try:
            day = _day(cells[0].strip())
            check_rate_day(day, today=reading.today)
            euro = {
                currency: _positive(cells[place].strip())
                for place, currency in columns.items()
                if place < len(cells) and cells[place].strip() not in _NO_RATE
            }
            euro[_EUR] = Decimal(1)
            if reading.base in euro:
                _add_day(reading, day, euro)
            else:
                without_base.append(day)
        except InvalidError as error:
            reading.unusable.append(f"Row {line}: {error}")
    if without_base:
        days = count(len(without_base), "day")
        reading.left_out.append(f"{days} without a rate of {reading.base}, your currency.")


def _columns(names: Sequence[str], reading: _Reading) -> dict[int, str]:
    """Return the place of each column of a known currency."""
    columns = {}
    for place, name in enumerate(names[1:], start=1):
        try:
            if name:
                check_currency(name)
                columns[place] = name
        except InvalidError as error:
            reading.left_out.append(f"A column: {error}")
    return columns


def _add_day(reading: _Reading, day: date, euro: dict[str, Decimal]) -> None:
    """Add the rates of a day, computed from what a euro is worth in each currency."""
    with localcontext() as context:
        context.prec = _PRECISION
        for currency, units in euro.items():
            if currency == reading.base:
                continue
            rate = (euro[reading.base] / units).quantize(SMALLEST, ROUND_HALF_EVEN).normalize()
            if not 0 < rate < LARGEST:
                msg = f"1 {currency} is too little or too much in {reading.base} to be kept."
                raise InvalidError(msg)
            _add(reading, currency, day, rate)


def _add(reading: _Reading, currency: str, day: date, rate: Decimal) -> None:
    if reading.rates.setdefault((currency, day), rate) != rate:
        msg = f"{currency} has another rate for {day.isoformat()} in an earlier row."
        raise InvalidError(msg)


def _positive(text: str) -> Decimal:
    worth = Decimal(text) if _RATE.fullmatch(text) else Decimal(0)
    if not worth:
        msg = f"“{text:.40}” is not a rate above 0."
        raise InvalidError(msg)
    return worth


def _day(text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    msg = f"“{text:.40}” is no day. Write it as 2026-01-31."
    raise InvalidError(msg)


def _check(reading: _Reading) -> None:
    """Refuse a file with unusable rows or without rates."""
    if reading.unusable:
        rows = count(len(reading.unusable), "row")
        rest = len(reading.unusable) - NAMED
        more = [f"and {rest:,} more."] if rest > 0 else []
        lines = [f"Nothing was saved: {rows} of the file cannot be used."]
        raise InvalidError("\n".join([*lines, *reading.unusable[:NAMED], *more]))
    if not reading.rates:
        msg = "The file has no rate."
        raise InvalidError(" ".join([msg, *reading.left_out]))
