"""Texts without their amounts, for readers who may not see money."""

import re
import unicodedata
from functools import cache

from babel.numbers import list_currencies

from app.kit.money import Money

HIDDEN = "an amount"
# signs that are letters, as people write them
LETTERS = ("kr", "zł", "Kč", "Ft", "lei", "Fr", "Rp", "RM", "Bs", "лв")
PLANE = 0x10000


def without_amounts(text: str) -> str:
    """Return a text with "an amount" where a number stood beside a currency's sign or code."""
    return _amounts().sub(HIDDEN, text)


def nothing(amount: Money) -> Money:
    """Return no money, in the currency of an amount that is not to be shown."""
    return Money(0, amount.currency)


@cache
def _amounts() -> re.Pattern[str]:
    signs = "".join(one for one in map(chr, range(PLANE)) if unicodedata.category(one) == "Sc")
    # "$", "CA$", "R$", "$US"; a code or a letter sign only as a word of its own
    sign = rf"(?:\b[A-Z]{{1,3}})?[{signs}](?:[A-Z]{{2}}(?![^\W\d_]))?"
    word = rf"(?<![^\W\d_])(?:{'|'.join((*sorted(list_currencies('en')), *LETTERS))})(?![^\W\d_])"
    minus, gap = r"[-\N{MINUS SIGN}]?", r"[\u00a0\u202f ]{0,2}"
    number = r"\d(?:[\d.,'’\u00a0\u202f]|[ ](?=\d{3}(?!\d)))*(?:[kM]\b)?(?<![.,])"
    return re.compile(
        rf"{minus}(?:{sign}|{word}){gap}{minus}{number}|{minus}{number}{gap}(?:{sign}|{word})"
    )
