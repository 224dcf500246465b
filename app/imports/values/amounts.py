"""Parse amounts of files into exact thousandths of their unit, or return why they are invalid.

The rules shared with amounts typed into a field, and the differences, are in
`app.kit.number_notation`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.imports.values.problems import Problem
from app.kit.money import MAX_MINOR
from app.kit.number_notation import (
    BLANK,
    GROUP,
    GROUPS_OF_THREE,
    MINUS,
    Groups,
    digits_after,
    later_mark,
    other_mark,
    plain_number,
    without_blanks,
)

_SYMBOLS = {
    "$": "$",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₴": "UAH",
    "₦": "NGN",
    "₱": "PHP",
    "zł": "PLN",
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "R$": "BRL",
    "¥": "¥",
    "kr": "kr",
    "kč": "CZK",
    "Fr.": "CHF",
    "R": "ZAR",
}
_SHAPE = re.compile(
    r"^(?P<open>\()?(?P<sign>[-+\u2212])?(?P<before>[^\d.,()+\u2212-]*?)(?P<sign2>[-+\u2212])?"
    r"(?P<number>[\d.,'\u2019\s\u00a0\u202f]*\d(?:[eE][+]?\d{1,2})?[.,]?)"
    r"(?P<minus>[-\u2212])?(?P<after>[^\d.,()]*?)(?P<minus2>[-\u2212])?(?P<close>\))?$"
)
# a point before exactly three digits may be a decimal or a group mark
_UNCLEAR = "unclear"
# also groups of two digits, as in Indian notation, and of three digits between blanks
_GROUPS: Groups = {
    **GROUPS_OF_THREE,
    ",": re.compile(r"^\d{1,3}(,\d{2,3})*,\d{3}$"),
    " ": re.compile(rf"^\d{{1,3}}({BLANK}\d{{3}})+$"),
}


@dataclass(frozen=True, slots=True)
class AmountCell:
    """An amount in thousandths of its unit, with the currency of its symbol, if any."""

    milli: int = 0
    symbol: str | None = None
    problem: Problem | None = None


def decimal_mark(texts: Iterable[str], *, points: int = 0) -> str | None:
    """Decide the decimal mark of a file: ".", ",", or None when the user must choose.

    `points` counts further cells already known to contain a decimal point.
    """
    votes = Counter[str | None]({".": points})
    for text in texts:
        shape = _SHAPE.match(text.strip())
        if shape:
            votes[_mark_of(without_blanks(shape["number"]))] += 1
    point, comma = votes["."], votes[","]
    if point and point == comma:
        return None
    if not point and not comma:
        return None if votes[_UNCLEAR] else "."
    return "." if point > comma else ","


def _mark_of(number: str) -> str | None:
    """Return the decimal mark that a number shows, if any; _UNCLEAR for a number like "1.234"."""
    for mark in ".,":
        if other_mark(mark) in number:
            continue
        if number.count(mark) > 1:
            return other_mark(mark)
        if mark in number and digits_after(number, mark) != GROUP:
            return mark
        if mark in number:
            return _UNCLEAR if mark == "." else None
    return later_mark(number)


def read_amount(text: str, mark: str) -> AmountCell:
    """Parse a cell: "$1,234.50", "1.234,56", "1 234,50 €", "(50.00)", "50-", "1.5E+3"."""
    shape = _SHAPE.match(text.strip())
    if not shape or bool(shape["open"]) != bool(shape["close"]):
        return _refused("not_an_amount", text)
    symbol, is_valid = _symbol(shape["before"].strip(), shape["after"].strip())
    if not is_valid:
        return _refused("not_an_amount", text)
    number = _number(shape["number"], mark)
    if number is None:
        return _refused("amount_with_comma" if mark == "." else "amount_with_point", text)
    milli = number.scaleb(3)
    if milli != milli.to_integral_value():
        return _refused("amount_too_fine", text)
    if abs(milli) > MAX_MINOR * 10:
        return _refused("amount_too_large", text)
    signs = [shape[name] for name in ("sign", "sign2", "minus", "minus2")]
    negative = bool(shape["open"]) or any(sign and sign in MINUS for sign in signs)
    return AmountCell(-int(milli) if negative else int(milli), symbol)


def _refused(code: str, text: str) -> AmountCell:
    return AmountCell(problem=Problem(code, {"text": text}))


def _symbol(before: str, after: str) -> tuple[str | None, bool]:
    unit = before or after
    if not unit:
        return None, True
    if before and after and before != after:
        # "US$ 50 USD": the three-letter code wins
        unit = after if re.fullmatch(r"[A-Za-z]{3}", after) else before
    if unit in _SYMBOLS or unit.lower() in _SYMBOLS:
        return _SYMBOLS.get(unit) or _SYMBOLS[unit.lower()], True
    if re.fullmatch(r"[A-Za-z]{3}", unit):
        return unit.upper(), True
    return None, False


def _number(number: str, mark: str) -> Decimal | None:
    """Convert digits with grouping marks to a number; None when the groups are malformed."""
    digits, _, power = number.lower().partition("e")
    if power and not power.lstrip("+").isdecimal():
        return None
    plain = plain_number(digits.strip(), mark, _GROUPS)
    return None if plain is None else Decimal(plain).scaleb(int(power or 0))
