"""Currencies of gift files (ISO 4217, from babel), and those written with a dollar sign."""

from datetime import date

from babel.core import get_global
from babel.numbers import get_territory_currencies

# files are older than the day they are imported: a currency replaced since is still understood
SINCE = date(2020, 1, 1)
CURRENCIES = frozenset(
    currency
    for territory in get_global("territory_currencies")
    for currency in get_territory_currencies(territory, SINCE, date.max)
)
DOLLARS = frozenset("USD CAD AUD NZD SGD HKD BBD BSD BMD FJD JMD TTD XCD".split())  # noqa: SIM905
