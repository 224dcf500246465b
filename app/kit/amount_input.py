"""Parse an amount typed into one field; ambiguous input is rejected, never guessed."""

import re
from unicodedata import category

from babel.numbers import get_currency_symbol, get_decimal_symbol, get_group_symbol

from app.kit.errors import InvalidError
from app.kit.money import Money, exponent

_BLANKS = re.compile(r"[\s\u00a0\u202f'’]")
_PARTS = re.compile(r"^([^\d.,+−-]*)(.*?)([^\d.,]*)$")
_CODE = re.compile(r"[A-Z]{3}")
_GROUPED = {mark: re.compile(rf"\d{{1,3}}(\{mark}\d{{3}})+") for mark in ".,"}
_THREE = 3


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
    number = _BLANKS.sub("", bare).replace("\N{MINUS SIGN}", "-")
    known = all(_is_currency(word.strip(), currency, locale) for word in (before, after))
    if not known or not re.fullmatch(r"[+-]?[\d.,]*\d[.,]?", number):
        msg = f"“{typed}” is not an amount. Write it like 1234.50."
        raise InvalidError(msg)
    return Money.of(_plain(number, typed, currency, locale), currency)


def _is_currency(word: str, currency: str, locale: str) -> bool:
    """Return whether the text beside the digits is empty or a currency: "5o" is not 5."""
    return (
        all(category(sign) == "Sc" for sign in word)
        or bool(_CODE.fullmatch(word))
        or word in {get_currency_symbol(currency, locale), get_currency_symbol(currency, "en_US")}
    )


def _plain(number: str, typed: str, currency: str, locale: str) -> str:
    point, comma = number.rfind("."), number.rfind(",")
    if point < 0 and comma < 0:
        return number
    mark = "." if point > comma else ","
    other = "," if mark == "." else "."
    whole, _, part = number.rpartition(mark)
    if point >= 0 and comma >= 0:
        digits = whole.lstrip("+-")
        if mark in whole or not _GROUPED[other].fullmatch(digits):
            _unclear(typed)
        return f"{whole.replace(other, '')}.{part}"
    if len(part) == _THREE and exponent(currency) != _THREE:
        grouped = _GROUPED[mark].fullmatch(number.lstrip("+-"))
        if not grouped or (mark != get_group_symbol(locale) and number.count(mark) == 1):
            _unclear(typed)
        return number.replace(mark, "")
    if number.count(mark) > 1 or (
        exponent(currency) == _THREE and mark != get_decimal_symbol(locale)
    ):
        _unclear(typed)
    return f"{whole}.{part}"


def _unclear(typed: str) -> None:
    msg = f"“{typed}” can be read in two ways. Write it like 1234.50, without separators."
    raise InvalidError(msg)
