"""Suggestions for an organisation's settings by its country, from the CLDR data of Babel."""

from calendar import day_name
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date
from babel.languages import get_official_languages
from babel.localedata import locale_identifiers
from babel.numbers import format_decimal, get_territory_currencies

from app.kit.errors import InvalidError

# "DE"; longer codes are those of regions such as Europe
ISO_LENGTH = 2
# the month in which the fiscal year of most organisations begins, where that is not January
FISCAL_MONTHS = {
    **dict.fromkeys(("CA", "GB", "HK", "IN", "JP", "NZ", "SG"), 4),
    **dict.fromkeys(("AU", "BD", "EG", "KE", "NP", "PK", "TZ", "UG"), 7),
    "ZA": 3,
}
# of countries with several zones, the one of nearly everybody (CLDR's primaryZones, and Cyprus)
MAIN_ZONES = {
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MH": "Pacific/Majuro",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
# where the first of the official languages is not the one of most offices
LANGUAGES = {"IN": "en", "KE": "en", "NG": "en", "PH": "en", "PK": "en", "TZ": "en", "UG": "en"}


@dataclass(frozen=True, slots=True)
class CountryDefaults:
    """What is usual in a country.

    `time_zones` has the country's zones by name; `main_time_zone` is the only one of them, or
    the one of nearly everybody, or empty; `fiscal_start_month` is 1..12.
    """

    currency: str
    locale: str
    time_zones: tuple[str, ...]
    main_time_zone: str
    fiscal_start_month: int


@cache
def countries() -> dict[str, str]:
    """Return the English names of all countries by their ISO 3166 code, sorted by name."""
    names = {
        code: name
        for code, name in Locale("en").territories.items()
        if _is_region(code) and get_territory_currencies(code)
    }
    return dict(sorted(names.items(), key=lambda entry: entry[1]))


@cache
def country_defaults(country: str) -> CountryDefaults:
    """Return what is usual in a country (ISO 3166 code).

    Raises:
        InvalidError: there is no such country.
    """
    if country not in countries():
        msg = f"There is no country with the code {country:.10}."
        raise InvalidError(msg)
    known = set(get_global("territory_zones").get(country, ())) & available_timezones()
    zones = tuple(sorted(known))
    return CountryDefaults(
        currency=get_territory_currencies(country)[0],
        locale=_locale(country),
        time_zones=zones,
        main_time_zone=zones[0] if len(zones) == 1 else MAIN_ZONES.get(country, ""),
        fiscal_start_month=FISCAL_MONTHS.get(country, 1),
    )


@cache
def locales(country: str = "") -> dict[str, str]:
    """Return the names of the locales by their code ("de_AT"), those of `country` first."""
    english = Locale("en")
    names: dict[str, str] = {}
    for code in locale_identifiers():
        language, _, region = code.partition("_")
        if _is_region(region) and language in english.languages and region in countries():
            names[code] = f"{english.languages[language]} ({countries()[region]})"
    codes = sorted(names, key=lambda code: (not code.endswith(f"_{country}"), names[code]))
    return {code: names[code] for code in codes}


def locale_example(code: str) -> str:
    """Return a number and a date as people who use this locale write them."""
    number = format_decimal(Decimal("1234.56"), format="#,##0.00", locale=code)
    return f"{number} and {format_date(date(2026, 12, 31), 'short', locale=code)}"


def week_start(code: str) -> str:
    """Return the day on which the week of a locale begins: "Monday"."""
    return day_name[Locale.parse(code).first_week_day]


def date_order(code: str) -> str:
    """Return the order of a date's parts in a locale: "dmy", "mdy" or "ymd"."""
    pattern = str(Locale.parse(code).date_formats["short"].pattern).lower()
    return "".join(sorted("dmy", key=pattern.index))


def _is_region(text: str) -> bool:
    return len(text) == ISO_LENGTH and text.isalpha()


def currencies() -> dict[str, str]:
    """Return the names of today's currencies by their ISO 4217 code, sorted by code."""
    used = {code for country in countries() for code in get_territory_currencies(country)}
    names = Locale("en").currencies
    return {code: f"{code} · {names.get(code, code)}" for code in sorted(used)}


def _locale(country: str) -> str:
    languages = get_official_languages(country, de_facto=True)
    for language in (LANGUAGES.get(country), *languages):
        try:
            return str(Locale.parse(f"{language}_{country}"))
        except (UnknownLocaleError, ValueError):
            continue
    return "en_US"
