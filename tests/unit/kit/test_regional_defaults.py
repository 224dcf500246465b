"""What is usual in a country: currency, locale, time zones, fiscal year."""

from zoneinfo import available_timezones

import pytest
from babel import Locale
from babel.numbers import list_currencies

from app.kit import regional_defaults
from app.kit.errors import InvalidError


@pytest.mark.parametrize(
    ("country", "currency", "locale", "zone", "month"),
    [
        ("DE", "EUR", "de_DE", "Europe/Berlin", 1),
        ("CH", "CHF", "de_CH", "Europe/Zurich", 1),
        ("GB", "GBP", "en_GB", "Europe/London", 4),
        ("US", "USD", "en_US", "America/New_York", 1),
        ("IN", "INR", "en_IN", "Asia/Kolkata", 4),
        ("KE", "KES", "en_KE", "Africa/Nairobi", 7),
        ("JP", "JPY", "ja_JP", "Asia/Tokyo", 4),
        ("BR", "BRL", "pt_BR", "America/Sao_Paulo", 1),
    ],
)
def test_countries_have_their_usual_settings(
    country: str, currency: str, locale: str, zone: str, month: int
) -> None:
    usual = regional_defaults.country_defaults(country)
    assert (usual.currency, usual.locale) == (currency, locale)
    assert zone in usual.time_zones
    assert usual.fiscal_start_month == month


def test_every_country_suggests_what_the_settings_accept() -> None:
    currencies = set(list_currencies("en"))
    for country in regional_defaults.countries():
        usual = regional_defaults.country_defaults(country)
        assert usual.currency in currencies, country
        assert usual.currency in regional_defaults.currencies(), country
        assert str(Locale.parse(usual.locale)) == usual.locale, country
        assert set(usual.time_zones) <= available_timezones(), country
        assert usual.main_time_zone in {*usual.time_zones, ""}, country


@pytest.mark.parametrize(
    ("country", "zone"),
    [("FR", "Europe/Paris"), ("DE", "Europe/Berlin"), ("PT", "Europe/Lisbon"), ("US", "")],
)
def test_a_country_with_one_zone_for_nearly_everybody_suggests_it(country: str, zone: str) -> None:
    assert regional_defaults.country_defaults(country).main_time_zone == zone


def test_the_locales_of_the_country_come_first() -> None:
    codes = list(regional_defaults.locales("CH"))
    swiss = [code for code in codes if code.endswith("_CH")]
    assert codes[: len(swiss)] == swiss
    assert {"de_CH", "fr_CH", "it_CH"} <= set(swiss)
    assert set(codes) == set(regional_defaults.locales())


def test_an_example_shows_how_numbers_and_dates_look() -> None:
    assert regional_defaults.locale_example("de_DE") == "1.234,56 and 31.12.26"
    assert regional_defaults.locale_example("en_US") == "1,234.56 and 12/31/26"


@pytest.mark.parametrize(
    ("locale", "week", "order"),
    [
        ("en_US", "Sunday", "mdy"),
        ("de_DE", "Monday", "dmy"),
        ("sv_SE", "Monday", "ymd"),
        ("ar_EG", "Saturday", "dmy"),
    ],
)
def test_a_locale_decides_the_week_and_the_order_of_dates(
    locale: str, week: str, order: str
) -> None:
    assert regional_defaults.week_start(locale) == week
    assert regional_defaults.date_order(locale) == order


def test_every_locale_to_choose_has_a_week_and_an_order() -> None:
    orders = {regional_defaults.date_order(code) for code in regional_defaults.locales()}
    assert orders == {"dmy", "mdy", "ymd"}


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(InvalidError, match="no country"):
        regional_defaults.country_defaults("XX")
