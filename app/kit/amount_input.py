"""Parse an amount typed into one field; ambiguous input is rejected, never guessed.

The rules shared with files, and the differences, are in `app.kit.number_notation`.
"""

import re
from functools import cache
from unicodedata import category

from babel import Locale
from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from app.kit import formatting
from app.kit.errors import InvalidError
from app.kit.money import Money, exponent
from app.kit.number_notation import (
    GROUP,
    GROUPS_OF_THREE,
    GROUPS_OF_TWO,
    MINUS,
    Groups,
    digits_after,
    later_mark,
    other_mark,
    plain_number,
    without_blanks,
)

_PARTS = re.compile(r"^([^\d.,+−-]*)(.*?)([^\d.,]*)$")
_CODE = re.compile(r"[A-Z]{3}")


def amount(text: str, currency: str, *, locale: str) -> Money:
    """Parse "1,234.50", "1.234,56", "$50" or "1 234" in a currency, as the locale writes it.

    With both marks the last one is the decimal mark. A single mark before three digits is a
    thousands separator if the locale uses it as such; the other mark is rejected, because it
    could mean either. What `formatting` writes for this locale is read as the same amount.

    Raises:
        InvalidError: the text is empty, not an amount, ambiguous, or finer than the currency's
            minor unit.
    """
    typed = formatting.western(text).strip()
    if not typed:
        msg = "Please fill in an amount."
        raise InvalidError(msg)
    [(before, bare, after)] = _PARTS.findall(_without_symbol(typed, currency, locale))
    number = without_blanks(bare).replace("\N{MINUS SIGN}", "-")
    sides_valid = all(_is_currency(side.strip(), currency, locale) for side in (before, after))
    if not sides_valid or not re.fullmatch(r"[+-]?[\d.,]*\d[.,]?", number):
        msg = f"“{typed}” is not an amount. Write it like {_example(currency, locale)}."
        raise InvalidError(msg)
    digits = number.lstrip("+-")
    mark = _decimal_mark(digits, currency, locale)
    plain = None if mark is None else plain_number(digits, mark, _groups(locale))
    if plain is None:
        example = _example(currency, locale)
        msg = f"“{typed}” can be read in two ways. Write it like {example}, without separators."
        raise InvalidError(msg)
    sign = number[: len(number) - len(digits)]
    return Money.of(f"{sign}{plain}", currency)


def _example(currency: str, locale: str) -> str:
    return formatting.money_plain(Money.of(1234, currency), locale=locale)


def _without_symbol(typed: str, currency: str, locale: str) -> str:
    """Return the amount without the currency's symbol, which may stand after the sign.

    A symbol may contain a mark of its own, as "kr." in Danish.
    """
    joined = " ".join(typed.split())
    sign = joined[0] if joined[0] in f"+{MINUS}" else ""
    rest = joined.removeprefix(sign).strip()
    for symbol in _symbols(currency, locale):
        # "Bs. 5": the point ends an abbreviation
        without = rest.removeprefix(f"{symbol}. ").removeprefix(symbol).removesuffix(symbol)
        if without != rest:
            return f"{sign}{without.strip()}"
    signs = "".join(char for char in rest if category(char) == "Sc")
    return f"{sign}{rest.lstrip(signs).strip() if sign else rest}"


@cache
def _symbols(currency: str, locale: str) -> tuple[str, ...]:
    """Return how the locale and English write the currency, the longest first."""
    symbols = {get_currency_symbol(currency, name) for name in (locale, formatting.DEFAULT)}
    cleaned = {" ".join(formatting.western(symbol).split()) for symbol in symbols}
    return tuple(sorted(cleaned, key=len, reverse=True))


@cache
def _groups(locale: str) -> Groups:
    """Return the valid groups of digits: 12,34,567 where the locale writes them so."""
    grouping = Locale.parse(locale).decimal_formats[None].grouping
    return GROUPS_OF_THREE if grouping == (GROUP, GROUP) else GROUPS_OF_TWO


def _is_currency(side: str, currency: str, locale: str) -> bool:
    """Return whether the text beside the digits is empty or a currency: "5o" is not 5."""
    return (
        all(category(char) == "Sc" for char in side)
        or bool(_CODE.fullmatch(side))
        or side in _symbols(currency, locale)
    )


def _decimal_mark(digits: str, currency: str, locale: str) -> str | None:
    """Return the decimal mark that the digits are written with, or None if it is ambiguous."""
    if "." in digits and "," in digits:
        return later_mark(digits)
    mark = "," if "," in digits else "."
    count, decimals = digits.count(mark), digits_after(digits, mark)
    if count and decimals == GROUP and exponent(currency) != GROUP:
        is_group_mark = count > 1 or mark == formatting.western(get_group_symbol(locale))
        return other_mark(mark) if is_group_mark else None
    if (
        count
        and exponent(currency) == GROUP
        and mark != formatting.western(get_decimal_symbol(locale))
    ):
        return None
    return mark
