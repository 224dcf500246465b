"""Mask amounts in texts for users who may not see money."""

import re
import unicodedata
from functools import cache

from babel.numbers import list_currencies

from app.kit.money import Money

HIDDEN = "an amount"
# currency signs made of letters, as people and the locales of CLDR write them
LETTER_SIGNS = """
kr kr. zł Kč Ft lei Fr Rp RM Bs Bs.S лв лв. Afl. Ar B/. Br CF CFP CFPF Cg. DA DT Db Dkr FBu FC
FCFA FCFP FG Fdj Gs. Ikr KM Ksh Kz LS Le Lekë MK MTn NIS Nfk Nkr Nu. RF Rf Rs Rs. S/ SR TSh UM USh
VT den ден. сом щ.д. ЛСЛ ТМТ ریال ރ. नेरू රු. සිෆ්එ ብር 元 أ.م. ج.س. ج.م. د.أ. د.إ. د.ب. د.ت. د.ج.
د.ع. د.ك. د.ل. د.م. ر.إ. ر.س. ر.ع. ر.ق. ر.ي. ل.س. ل.ل.
"""
# these too, but only without a blank that can be typed: "R150", not "room R 150"
SINGLE_LETTERS = "DEGKLMPQRS"
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
    # "$", "CA$", "R$", "Bds$", "$US", "$ US"; a code or a letter sign only as a whole word
    sign = (
        rf"(?:(?<![^\W\d_])(?:[A-Z]{{1,3}}|Bds))?[{signs}]"
        rf"(?:[\u00a0 ]?[A-Z]{{2}}(?![^\W\d_])|A(?![^\W\d_]))?"
    )
    letters = sorted(map(re.escape, LETTER_SIGNS.split()), key=len, reverse=True)
    # the franc of Africa has a narrow blank in its sign
    codes = "|".join((*sorted(list_currencies("en")), "(?:F|فرانک)\u202fCFA", *letters))
    code = rf"(?<![^\W\d_])(?:{codes})(?![^\W\d_])"
    single = rf"(?<![^\W\d_])[{SINGLE_LETTERS}](?![^\W\d_])"
    minus, gap = r"[-\N{MINUS SIGN}]?", r"[\u00a0\u202f ]{0,2}"
    number = r"\d(?:[\d.,'’\u00a0\u202f]|[ ](?=\d{3}(?!\d)))*(?:[kM]\b)?(?<![.,])"
    return re.compile(
        rf"{minus}(?:{sign}|{code}){gap}{minus}{gap}{number}|{minus}{number}{gap}(?:{sign}|{code})"
        rf"|{minus}{single}[\u00a0\u202f]?{minus}{number}|{minus}{number}[\u00a0\u202f]{single}"
    )
