"""Parse amounts into exact thousandths of their unit, or return the reason of a failure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.imports.values.problems import Problem
from app.kit.money import MAX_MINOR

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
_SPACES = re.compile(r"[\s\u00a0\u202f'\u2019]")
_POINT = re.compile(r"^\d+(\.\d*)?$")
_GROUPS = {
    ",": re.compile(r"^\d{1,3}(,\d{2,3})*,\d{3}$"),
    ".": re.compile(r"^\d{1,3}(\.\d{3})+$"),
    " ": re.compile(r"^\d{1,3}([\s\u00a0\u202f'\u2019]\d{3})+$"),
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
    point, comma, unclear = points, 0, 0
    for text in texts:
        match = _SHAPE.match(text.strip())
        if not match:
            continue
        number = _SPACES.sub("", match["number"])
        dot, tail = number.rfind("."), number.rfind(",")
        if dot >= 0 and tail >= 0:
            point, comma = point + (dot > tail), comma + (tail > dot)
        elif number.count(".") == 1:
            digits = len(number) - dot - 1
            point, unclear = point + (digits != 3), unclear + (digits == 3)  # noqa: PLR2004
        elif number.count(",") == 1:
            comma += len(number) - tail - 1 != 3  # noqa: PLR2004
        else:
            comma += number.count(".") > 1
            point += number.count(",") > 1
    if point and point == comma:
        return None
    if not point and not comma:
        return None if unclear else "."
    return "." if point > comma else ","


def read_amount(text: str, mark: str) -> AmountCell:
    """Parse a cell: "$1,234.50", "1.234,56", "1 234,50 €", "(50.00)", "50-", "1.5E+3"."""
    match = _SHAPE.match(text.strip())
    if not match or bool(match["open"]) != bool(match["close"]):
        return _refused("not_an_amount", text)
    symbol, readable = _symbol(match["before"].strip(), match["after"].strip())
    if not readable:
        return _refused("not_an_amount", text)
    number = _plain(match["number"], mark)
    if number is None:
        return _refused("amount_with_comma" if mark == "." else "amount_with_point", text)
    milli = number.scaleb(3)
    if milli != milli.to_integral_value():
        return _refused("amount_too_fine", text)
    if abs(milli) > MAX_MINOR * 10:
        return _refused("amount_too_large", text)
    minus = "-\u2212"
    signs = [match[name] for name in ("sign", "sign2", "minus", "minus2")]
    negative = bool(match["open"]) or any(sign and sign in minus for sign in signs)
    return AmountCell(-int(milli) if negative else int(milli), symbol)


def _refused(code: str, text: str) -> AmountCell:
    return AmountCell(problem=Problem(code, {"text": text}))


def _symbol(before: str, after: str) -> tuple[str | None, bool]:
    word = before or after
    if not word:
        return None, True
    if before and after and before != after:
        # "US$ 50 USD": the three-letter code wins
        word = after if re.fullmatch(r"[A-Za-z]{3}", after) else before
    if word in _SYMBOLS or word.lower() in _SYMBOLS:
        return _SYMBOLS.get(word) or _SYMBOLS[word.lower()], True
    if re.fullmatch(r"[A-Za-z]{3}", word):
        return word.upper(), True
    return None, False


def _plain(number: str, mark: str) -> Decimal | None:
    """Convert digits with grouping marks to a number; None when the groups are malformed."""
    grouping = "," if mark == "." else "."
    digits, _, power = number.lower().partition("e")
    integer, separator, fraction = digits.strip().rpartition(mark)
    if not separator:
        integer, fraction = digits.strip(), ""
    if fraction and not fraction.isdecimal():
        return None
    if grouping in integer:
        if not _GROUPS[grouping].match(integer):
            return None
    elif _SPACES.search(integer) and not _GROUPS[" "].match(integer):
        return None
    integer = _SPACES.sub("", integer.replace(grouping, "")) or "0"
    if not _POINT.match(f"{integer}.{fraction}"):
        return None
    return Decimal(f"{integer}.{fraction or 0}").scaleb(int(power or 0))
