"""Format amounts, numbers, shares and days in a locale, for screens, e-mails and files for people.

The words stay English. Amounts, days and shares have no default locale: who formats one says for
whom. Counts have one, because logs, commands and child processes count too.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import ParamSpec, cast

from babel import Locale
from babel.dates import format_date
from babel.numbers import (
    format_currency,
    format_decimal,
    get_decimal_symbol,
    get_group_symbol,
)

from app.kit.money import Money, exponent
from app.kit.number_notation import GROUP

P = ParamSpec("P")
# of logs, commands, child processes, and of screens before somebody has signed in
DEFAULT = "en_US"
# formatting costs more than a cache entry: the same few hundred amounts and days recur on screens
REMEMBERED = 4096
# the words around a number are English: no marks of writing direction, and Western ones between
# digits, which are the only ones that fields and charts know
_WESTERN = str.maketrans("\u066b\u066c\u060c", ".,,", "\u061c\u200e\u200f")
# the number within a pattern of CLDR: "#,##0.00"
_NUMBER = re.compile(r"[#,0]+(\.[#0]+)?")
_SEPARATOR = re.compile(r"[./-]")
_ENGLISH = "en"


def _remembered(function: Callable[P, str]) -> Callable[P, str]:
    """Cache the texts of a function, which keeps its parameters: none may be left out."""
    return cast("Callable[P, str]", lru_cache(REMEMBERED)(function))


@_remembered
def money(amount: Money, *, locale: str) -> str:
    """Format an amount with its currency: "$1,234.50", and "$1,234" when there are no cents.

    A currency of three decimals has them always: "KWD1,234" could be a thousandth of it.
    """
    digits = exponent(amount.currency)
    no_cents = digits != GROUP and amount.amount == amount.amount.to_integral_value()
    return _currency(amount.amount, amount.currency, "" if no_cents else "0" * digits, locale)


@_remembered
def money_exact(amount: Money, *, locale: str) -> str:
    """Format an amount with all its decimals, for tables: "$1,234.50", "1.234,50 €"."""
    return _currency(amount.amount, amount.currency, "0" * exponent(amount.currency), locale)


@_remembered
def money_short(amount: Money, *, locale: str) -> str:
    """Format an amount for an axis or a bar: "$950", "$1.9k", "2,3M €"."""
    sign, value = (-1 if amount.minor < 0 else 1), abs(amount.amount)
    for floor, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= floor:
            short = sign * round(value / floor, 1)
            return _currency(short, amount.currency, "#", locale, unit=unit)
    return _currency(sign * Decimal(round(value)), amount.currency, "", locale)


@_remembered
def money_plain(amount: Money, *, locale: str) -> str:
    """Format an amount without its currency and groups, as it is typed: "1234.50", "1234,50"."""
    pattern = _with_decimals("0", "0" * exponent(amount.currency))
    return western(format_decimal(amount.amount, format=pattern, locale=locale))


@_remembered
def number(value: float | Decimal, *, locale: str, decimals: int = 0) -> str:
    """Format a number with this many decimals: "1,204", "1.204", "1 204,5"."""
    pattern = Locale.parse(locale).decimal_formats[None].pattern
    whole = _with_decimals(pattern.partition(".")[0], "0" * decimals)
    # what Python rounds to is what is shown, in every locale
    return western(format_decimal(Decimal(f"{value:.{decimals}f}"), format=whole, locale=locale))


@_remembered
def percent(share: float, *, locale: str) -> str:
    """Format a share (0..1): "71 %", with one decimal below ten percent: "4.2 %"."""
    value = share * 100
    digits = 1 if 0 < abs(value) < 9.95 else 0  # noqa: PLR2004
    pattern = _with_decimals("0", "0" * digits)
    text = format_decimal(Decimal(f"{value:.{digits}f}"), format=pattern, locale=locale)
    before, after = _percent_signs(locale)
    return f"{before}{western(text)}{after}"


@_remembered
def day(value: date, *, today: date, locale: str) -> str:
    """Format a day: "22 Nov" in the current year, else "22 Nov 2025"; "22.11.2026" in German.

    In English the month is a word; elsewhere the day is written in digits, always with its year.
    """
    if not is_english(locale):
        return day_in_digits(value, locale=locale)
    pattern = "d MMM" if value.year == today.year else "d MMM y"
    return format_date(value, pattern, locale=locale)


def moment(value: datetime, *, today: date, locale: str) -> str:
    """Format a local moment: "22 Nov at 07:40", "22.11.2026 at 07:40"; hours count to 24."""
    return f"{day(value.date(), today=today, locale=locale)} at {value:%H:%M}"


def at_time(day_text: str, at: time | None) -> str:
    """Add a time to a formatted day, if there is one: "22 Nov at 14:30"; hours count to 24."""
    return day_text if at is None else f"{day_text} at {at:%H:%M}"


def day_in_digits(value: date, *, locale: str) -> str:
    """Format a day in digits, in the order of the locale: "11/22/2026", "22.11.2026"."""
    text = day_pattern(locale).replace("DD", f"{value.day:02}").replace("MM", f"{value.month:02}")
    return text.replace("YYYY", f"{value.year:04}")


@cache
def day_pattern(locale: str) -> str:
    """Return how days are typed and shown in tables: "MM/DD/YYYY", "DD.MM.YYYY", "YYYY-MM-DD"."""
    short = Locale.parse(locale).date_formats["short"].pattern.translate(_WESTERN)
    mark = _SEPARATOR.search(short)
    first = next(letter for letter in short if letter in "dMy")
    order = {"d": ("DD", "MM", "YYYY"), "M": ("MM", "DD", "YYYY"), "y": ("YYYY", "MM", "DD")}
    return (mark.group() if mark else "-").join(order[first])


@_remembered
def long_day(value: date, *, locale: str, today: date | None = None) -> str:
    """Format a day with its weekday: "Monday 23 November", "Monday 23.11.2026".

    With `today` a day of another year has its year in English too.
    """
    if is_english(locale):
        year = "" if today is None or value.year == today.year else " y"
        return format_date(value, f"EEEE d MMMM{year}", locale=locale)
    return f"{format_date(value, 'EEEE', locale=_ENGLISH)} {day_in_digits(value, locale=locale)}"


@_remembered
def month(value: date) -> str:
    """Format a month: "Nov 2026", in every locale, because the words are English."""
    return format_date(value, "MMM y", locale=DEFAULT)


@_remembered
def long_month(value: date) -> str:
    """Format a month in full: "November 2026", in every locale."""
    return format_date(value, "MMMM y", locale=DEFAULT)


def is_english(locale: str) -> bool:
    """Return whether the language of the locale is English."""
    return locale.partition("_")[0] == _ENGLISH


@cache
def separators(locale: str) -> str:
    """Return the decimal mark and the group mark: ".," in English, ",." in German."""
    return western(f"{get_decimal_symbol(locale)}{get_group_symbol(locale)}")


@cache
def first_weekday(locale: str) -> int:
    """Return the day on which a week begins: 0 for Monday, 6 for Sunday."""
    return int(Locale.parse(locale).first_week_day)


def join_names(names: Sequence[str], number: int, *, locale: str = DEFAULT) -> str:
    """Format a list of `number` names of which `names` are the first: "Ann, Bo and 3 more"."""
    hidden = number - len(names)
    last = f"{_whole(hidden, locale)} more" if hidden else names[-1]
    listed = names if hidden else names[:-1]
    return f"{', '.join(listed)} and {last}" if listed else last


def count(number: int, singular: str, plural: str | None = None, *, locale: str = DEFAULT) -> str:
    """Format a count with its noun: "1 gift", "1,204 gifts", "2 churches", "2 addresses"."""
    ending = "es" if singular.endswith("s") else "s"
    noun = singular if number == 1 else plural or f"{singular}{ending}"
    return f"{_whole(number, locale)} {noun}"


def western(text: str) -> str:
    """Return a number with Western marks only."""
    return text.translate(_WESTERN)


_whole_number = number


def _whole(value: int, locale: str) -> str:
    return f"{value:,}" if locale == DEFAULT else _whole_number(value, locale=locale)


def _currency(value: Decimal, currency: str, decimals: str, locale: str, *, unit: str = "") -> str:
    pattern = _money_pattern(locale, decimals, unit)
    # our own number of decimals: CLDR has none for the Iraqi dinar, whose fils people still book
    text = format_currency(value, currency, pattern, locale=locale, currency_digits=False)
    # CLDR leaves the escudo of Cape Verde without a sign
    text = western(text).replace("\u200b", currency)
    return text.replace("-", "\N{MINUS SIGN}")


@cache
def _money_pattern(locale: str, decimals: str, unit: str) -> str:
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    if pattern.endswith("-"):
        # the minus is always before the digits
        pattern = pattern.partition(";")[0]
    literal = f"'{unit}'" if unit else ""

    def resize(match: re.Match[str]) -> str:
        return _with_decimals(match.group().partition(".")[0], decimals) + literal

    # "1.2k KES", never "1.2kKES"
    return _NUMBER.sub(resize, pattern).replace("'¤", "'\u00a0¤")


@cache
def _percent_signs(locale: str) -> tuple[str, str]:
    """Return what stands before and after a share, as "%" in Turkish and " %" in French."""
    if is_english(locale):
        return "", " %"
    pattern = Locale.parse(locale).percent_formats[None]
    return western(pattern.prefix[0]), western(pattern.suffix[0])


def _with_decimals(whole: str, decimals: str) -> str:
    return f"{whole}.{decimals}" if decimals else whole
