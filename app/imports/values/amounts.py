"""Parse amounts of files into exact thousandths of their unit, or return why they are invalid.

The rules shared with amounts typed into a field, and the differences, are in
`app.kit.number_notation`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.imports.values import currencies
from app.imports.values.problems import Problem
from app.kit.money import MAX_MINOR
from app.kit.number_notation import (
    BLANK,
    GROUP,
    GROUPS_OF_TWO,
    MINUS,
    Groups,
    digits_after,
    later_mark,
    other_mark,
    plain_number,
    without_blanks,
)
from app.kit.text import visible

_SHAPE = re.compile(
    r"^(?P<open>\()?(?P<sign>[-+\u2212])?\s*(?P<before>(?:[^\s\d.,()+\u2212-][^\d,()+\u2212-]*?)?)\s*"
    r"(?P<sign2>[-+\u2212])?\s*"
    r"(?P<number>[.,]?\d(?:[\d.,'\u2019\s\u00a0\u202f]*\d)?(?:[eE][+]?\d{1,2})?[.,]?)"
    r"(?P<minus>[-\u2212])?(?P<after>(?:\s*[^\d\s.,()][^\d,()]*?)?)\s*(?P<minus2>[-\u2212])?(?P<close>\))?$"
)
# "50,-", "50.--" and "50,–" mean 50 and no cents
_NO_CENTS = re.compile(r"(?<=\d)([.,:])\s?[-\u2010-\u2015\u2212]{1,2}(?=\D*$)")
# a point before exactly three digits may be a decimal or a group mark
_UNCLEAR = "unclear"
# also groups of three digits between blanks
_GROUPS: Groups = {
    **GROUPS_OF_TWO,
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
        cell = visible(text)
        if no_cents := _NO_CENTS.search(cell):
            # Swedish "50:-" says nothing about the decimal mark
            votes[no_cents[1] if no_cents[1] != ":" else None] += 1
        elif shape := _SHAPE.match(cell):
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
    """Parse a cell: "$1,234.50", "1.234,56", "1 234,50 €", "50,-", "(50.00)", "50-", "1.5E+3".

    "50,-" is 50 without cents; "50-" is negative.
    """
    shape = _SHAPE.match(_NO_CENTS.sub("", visible(text)))
    if not shape or bool(shape["open"]) != bool(shape["close"]):
        return _refused("not_an_amount", text)
    symbol, is_valid = _symbol(shape["before"].strip(), shape["after"].strip())
    if not is_valid:
        return _refused("not_an_amount", text)
    # in "Rs.500" the point ends the unit
    is_unit_point = shape["before"][-1:].isalpha() and shape["number"].startswith(".")
    number = _number(shape["number"].removeprefix("." if is_unit_point else ""), mark)
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
    units = [unit for unit in (before, after) if unit]
    symbols = [currencies.of_unit(unit) for unit in units]
    if not all(symbols):
        return None, False
    # "US$ 50 USD", "$ 50 CAD": of two units the code of three letters counts
    codes = [symbol for symbol in symbols if symbol in currencies.CURRENCIES]
    if len(set(codes)) > 1:
        return None, False
    return next(iter([*codes, *symbols]), None), True


def _number(number: str, mark: str) -> Decimal | None:
    """Convert digits with grouping marks to a number; None when the groups are malformed."""
    digits, _, power = number.lower().partition("e")
    if power and not power.lstrip("+").isdecimal():
        return None
    plain = plain_number(digits.strip(), mark, _GROUPS)
    return None if plain is None else Decimal(plain).scaleb(int(power or 0))
