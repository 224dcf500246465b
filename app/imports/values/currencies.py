"""Currencies of gift files: codes (ISO 4217, from babel) and the signs they are written with."""

import re
from datetime import date
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_name, get_territory_currencies

# files are older than the day they are imported: a currency replaced since is still understood
SINCE = date(2020, 1, 1)
CURRENCIES = frozenset(
    currency
    for territory in get_global("territory_currencies")
    for currency in get_territory_currencies(territory, SINCE, date.max)
)
DOLLARS = frozenset("USD CAD AUD NZD SGD HKD BBD BSD BMD FJD JMD TTD XCD".split())  # noqa: SIM905

# signs that several currencies share stay as they are: the organisation's own decides
SHARED = {"$": DOLLARS, "¥": frozenset({"JPY", "CNY"}), "kr": frozenset("SEK NOK DKK ISK".split())}  # noqa: SIM905
# the currency of a shared sign, where the organisation's own is none of those that share it
USUAL = {"$": "USD", "¥": "JPY", "kr": "SEK"}
_SIGNS = {
    sign: currency
    for currency, signs in {
        "EUR": "€ euro euros",
        "GBP": "£ £stg",
        "USD": "us$ usd$ $us u.s.$ us",
        "CAD": "ca$ c$ can$ cad$ $ca",
        "AUD": "a$ au$ aud$",
        "NZD": "nz$ nzd$",
        "HKD": "hk$",
        "SGD": "s$ sg$",
        "TWD": "nt$",
        "MXN": "mx$ mex$",
        "BRL": "r$",
        "CHF": "fr sfr chf fr.s",
        "INR": "₹ rs re inr",
        "KRW": "₩",
        "ILS": "₪ nis",
        "UAH": "₴",
        "RUB": "₽ руб р",
        "NGN": "₦",
        "PHP": "₱",
        "THB": "฿",
        "VND": "₫",
        "TRY": "₺ tl",
        "GEL": "₾",
        "KZT": "₸",
        "GHS": "gh₵ ₵",
        "PLN": "zł zl",
        "CZK": "kč kc",
        "HUF": "ft",
        "RON": "lei",
        "MYR": "rm",
        "KES": "ksh kshs",
        "UGX": "ush",
        "TZS": "tsh",
        "ZAR": "r",
        "JPY": "円 圓",
        "CNY": "元 rmb cn¥",
        "$": "$ dollar dollars",
        "¥": "¥ ￥",
        "kr": "kr",
    }.items()
    for sign in signs.split()
}


@cache
def _names() -> dict[str, str]:
    """Return the names of currencies in several languages, without blanks, that mean only one."""
    names: dict[str, set[str]] = {}
    for language in ["en", "de", "fr", "es", "nl", "hu", "pt"]:
        for currency in CURRENCIES:
            for number in (None, 1, 2):
                name = get_currency_name(currency, number, locale=language)
                names.setdefault("".join(name.lower().split()), set()).add(currency)
    return {name: each.pop() for name, each in names.items() if len(each) == 1}


_HEADER = re.compile(
    r"^(?P<name>.*?)[\s_]*[/:,(\[-]?\s*(?:in\s+)?(?P<unit>[^\s()\[\]_]+)[)\]]?$", re.IGNORECASE
)


def of_unit(text: str) -> str | None:
    """Return the currency of a sign, a code or a word beside an amount, or None.

    The answer is a code (EUR), or one of SHARED: $, ¥ or kr.
    """
    unit = "".join(text.split())
    bare = unit.lower().rstrip(".")
    if bare in _SIGNS:
        return _SIGNS[bare]
    code = unit.upper().rstrip(".")
    return code if code in CURRENCIES else _names().get(bare)


def of_header(header: str) -> tuple[str, str | None]:
    """Return a header without the currency it names, and that currency.

    "Amount (EUR)", "Betrag (€)", "Amount in USD" and "amount_eur" name one; only codes and signs
    count, because words such as "us" or "r" mean something else in a header.
    """
    match = _HEADER.match(header.strip())
    if not match or not match["name"].strip():
        return header, None
    unit = match["unit"]
    is_sign = not unit[0].isalnum() and unit[0] not in "#%&*?!"
    is_code = unit.upper() in CURRENCIES and (unit.isupper() or "_" in header)
    currency = of_unit(unit) if is_sign or is_code else None
    return (match["name"].rstrip(" _/:,([-"), currency) if currency else (header, None)
