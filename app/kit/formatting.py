"""Format amounts, days and counts for screens and e-mails."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from app.kit.money import Money

# formatting costs more than a cache entry: the same few hundred amounts and days recur on screens
REMEMBERED = 4096


@lru_cache(REMEMBERED)
def money(amount: Money, *, locale: str = "en_US") -> str:
    """Format an amount with its currency: "$1,234.50", and "$1,234" when there are no cents."""
    no_cents = amount.amount == amount.amount.to_integral_value()
    text = format_currency(
        amount.amount,
        amount.currency,
        locale=locale,
        format="¤#,##0;-¤#,##0" if no_cents else None,
        currency_digits=not no_cents,
    )
    return text.replace("-", "\N{MINUS SIGN}")


@lru_cache(REMEMBERED)
def money_exact(amount: Money, *, locale: str = "en_US") -> str:
    """Format an amount with all its decimals, for tables: "$1,234.50"."""
    text = format_currency(amount.amount, amount.currency, locale=locale)
    return text.replace("-", "\N{MINUS SIGN}")


@lru_cache(REMEMBERED)
def money_short(amount: Money, *, locale: str = "en_US") -> str:
    """Format an amount for an axis or a bar: "$950", "$1.9k", "$2.3M"."""
    symbol = get_currency_symbol(amount.currency, locale=locale)
    sign = "\N{MINUS SIGN}" if amount.minor < 0 else ""
    value = abs(amount.amount)
    for floor, unit in ((1_000_000, "M"), (1_000, "k")):
        if value >= floor:
            short = format_decimal(round(value / floor, 1), format="#,##0.#", locale=locale)
            return f"{sign}{symbol}{short}{unit}"
    return f"{sign}{symbol}{format_decimal(round(value), locale=locale)}"


@lru_cache(REMEMBERED)
def day(value: date, *, today: date, locale: str = "en_US") -> str:
    """Format a day: "22 Nov" in the current year, "22 Nov 2025" in any other."""
    pattern = "d MMM" if value.year == today.year else "d MMM y"
    return format_date(value, pattern, locale=locale)


@lru_cache(REMEMBERED)
def long_day(value: date, *, locale: str = "en_US") -> str:
    """Format a day with its weekday: "Monday 23 November"."""
    return format_date(value, "EEEE d MMMM", locale=locale)


@lru_cache(REMEMBERED)
def month(value: date, *, locale: str = "en_US") -> str:
    """Format a month: "Nov 2026"."""
    return format_date(value, "MMM y", locale=locale)


def percent(share: float) -> str:
    """Format a share (0..1): "71 %", with one decimal below ten percent: "4.2 %"."""
    value = share * 100
    return f"{value:.1f} %" if 0 < abs(value) < 9.95 else f"{value:.0f} %"  # noqa: PLR2004


def join_names(names: Sequence[str], number: int) -> str:
    """Format a list of `number` names of which `names` are the first: "Ann, Bo and 3 more"."""
    hidden = number - len(names)
    last = f"{hidden:,} more" if hidden else names[-1]
    listed = names if hidden else names[:-1]
    return f"{', '.join(listed)} and {last}" if listed else last


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Format a count with its noun: "1 gift", "1,204 gifts", "2 churches"."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}"
