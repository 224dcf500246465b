"""Parse an amount typed into one field; ambiguous input is rejected, never guessed.

The rules shared with files, and the differences, are in `app.kit.number_notation`.
"""

import re
from unicodedata import category

from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from app.kit.errors import InvalidError
from app.kit.money import Money, exponent
from app.kit.number_notation import (
    GROUP,
    digits_after,
    later_mark,
    other_mark,
    plain_number,
    without_blanks,
)

_PARTS = re.compile(r"^([^\d.,+−-]*)(.*?)([^\d.,]*)$")
_CODE = re.compile(r"[A-Z]{3}")


def amount(text: str, currency: str, *, locale: str = "en_US") -> Money:
    """Parse "1,234.50", "1.234,56", "$50" or "1 234" in a currency.

    With both marks the last one is the decimal mark. A single mark before three digits is a
    thousands separator if the locale uses it as such; the other mark is rejected, because it
    could mean either.

    Raises:
        InvalidError: the text is empty, not an amount, ambiguous, or finer than the currency's
            minor unit.
    """
    typed = text.strip()
    if not typed:
        msg = "Please fill in an amount."
        raise InvalidError(msg)
    [(before, bare, after)] = _PARTS.findall(" ".join(typed.split()))
    number = without_blanks(bare).replace("\N{MINUS SIGN}", "-")
    sides_valid = all(_is_currency(side.strip(), currency, locale) for side in (before, after))
    if not sides_valid or not re.fullmatch(r"[+-]?[\d.,]*\d[.,]?", number):
        msg = f"“{typed}” is not an amount. Write it like 1234.50."
        raise InvalidError(msg)
    digits = number.lstrip("+-")
    mark = _decimal_mark(digits, currency, locale)
    plain = None if mark is None else plain_number(digits, mark)
    if plain is None:
        msg = f"“{typed}” can be read in two ways. Write it like 1234.50, without separators."
        raise InvalidError(msg)
    sign = number[: len(number) - len(digits)]
    return Money.of(f"{sign}{plain}", currency)


def _is_currency(side: str, currency: str, locale: str) -> bool:
    """Return whether the text beside the digits is empty or a currency: "5o" is not 5."""
    return (
        all(category(char) == "Sc" for char in side)
        or bool(_CODE.fullmatch(side))
        or side in {get_currency_symbol(currency, locale), get_currency_symbol(currency, "en_US")}
    )


def _decimal_mark(digits: str, currency: str, locale: str) -> str | None:
    """Return the decimal mark that the digits are written with, or None if it is ambiguous."""
    if "." in digits and "," in digits:
        return later_mark(digits)
    mark = "," if "," in digits else "."
    count, decimals = digits.count(mark), digits_after(digits, mark)
    if count and decimals == GROUP and exponent(currency) != GROUP:
        is_group_mark = count > 1 or mark == get_group_symbol(locale)
        return other_mark(mark) if is_group_mark else None
    if count and exponent(currency) == GROUP and mark != get_decimal_symbol(locale):
        return None
    return mark
