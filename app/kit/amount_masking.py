"""Mask amounts in texts for users who may not see money."""

import re
import unicodedata
from functools import cache

from babel.numbers import list_currencies

from app.kit.money import Money

HIDDEN = "an amount"
# currency signs made of letters, as people write them
LETTER_SIGNS = ("kr", "zł", "Kč", "Ft", "lei", "Fr", "Rp", "RM", "Bs", "лв")
PLANE = 0x10000


def without_amounts(text: str) -> str:
    """Replace every number beside a currency sign or code with "an amount"."""
    return _amounts().sub(HIDDEN, text)


def zero_of(amount: Money) -> Money:
    """Return zero in the currency of an amount that must not be shown."""
    return Money(0, amount.currency)


@cache
def _amounts() -> re.Pattern[str]:
    signs = "".join(char for char in map(chr, range(PLANE)) if unicodedata.category(char) == "Sc")
    # "$", "CA$", "R$", "$US"; a code or a letter sign only as a whole word
    sign = rf"(?:\b[A-Z]{{1,3}})?[{signs}](?:[A-Z]{{2}}(?![^\W\d_]))?"
    codes = "|".join((*sorted(list_currencies("en")), *LETTER_SIGNS))
    code = rf"(?<![^\W\d_])(?:{codes})(?![^\W\d_])"
    minus, gap = r"[-\N{MINUS SIGN}]?", r"[\u00a0\u202f ]{0,2}"
    number = r"\d(?:[\d.,'’\u00a0\u202f]|[ ](?=\d{3}(?!\d)))*(?:[kM]\b)?(?<![.,])"
    return re.compile(
        rf"{minus}(?:{sign}|{code}){gap}{minus}{number}|{minus}{number}{gap}(?:{sign}|{code})"
    )
