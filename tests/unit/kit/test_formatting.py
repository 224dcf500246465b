from datetime import date, datetime, time

import pytest

from app.kit import formatting
from app.kit.money import Money
from app.kit.regional_defaults import locales

US = "en_US"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        pytest.param(Money(123450, "USD"), "$1,234.50", id="cents shown when there are any"),
        pytest.param(Money(123400, "USD"), "$1,234", id="no cents, no decimals"),
        pytest.param(Money(-2500, "USD"), "−$25", id="a true minus sign"),
        pytest.param(Money(5000, "JPY"), "¥5,000", id="yen have no cents"),
        pytest.param(Money(5500, "EUR"), "€55", id="euro"),
        pytest.param(Money(1500, "KWD"), "KWD1.500", id="three decimals"),
    ],
)
def test_money(amount: Money, text: str) -> None:
    assert formatting.money(amount, locale=US) == text


@pytest.mark.parametrize(
    ("minor", "text"),
    [
        (0, "$0"),
        (95_000, "$950"),
        (190_000, "$1.9k"),
        (600_000, "$6k"),
        (-115_000, "−$1.2k"),
        (234_000_000, "$2.3M"),
    ],
)
def test_money_short(minor: int, text: str) -> None:
    assert formatting.money_short(Money(minor, "USD"), locale=US) == text


def test_money_exact_keeps_the_cents() -> None:
    assert formatting.money_exact(Money(100, "USD"), locale=US) == "$1.00"
    assert formatting.money_exact(Money(-100, "USD"), locale=US) == "−$1.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(date(2026, 11, 22), "22 Nov", id="this year"),
        pytest.param(date(2025, 11, 22), "22 Nov 2025", id="before"),
        pytest.param(date(2027, 1, 2), "2 Jan 2027", id="after"),
    ],
)
def test_day(value: date, text: str) -> None:
    assert formatting.day(value, today=date(2026, 11, 23), locale=US) == text


def test_days_and_months_in_full() -> None:
    assert formatting.long_day(date(2026, 11, 23), locale=US) == "Monday 23 November"
    assert formatting.month(date(2026, 11, 23)) == "Nov 2026"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.042, "4.2 %"), (0.0996, "10 %"), (0.714, "71 %"), (1.2, "120 %")],
)
def test_percent(share: float, text: str) -> None:
    assert formatting.percent(share, locale=US) == text


def test_join_names() -> None:
    assert formatting.join_names(["Ann"], 1) == "Ann"
    assert formatting.join_names(["Ann", "Bo"], 2) == "Ann and Bo"
    assert formatting.join_names(["Ann", "Bo", "Cy"], 3) == "Ann, Bo and Cy"
    assert formatting.join_names(["Ann"], 2) == "Ann and 1 more"
    assert formatting.join_names(["Ann", "Bo"], 1204) == "Ann, Bo and 1,202 more"


def test_counts_agree_with_their_noun() -> None:
    assert formatting.count(1, "gift") == "1 gift"
    assert formatting.count(1204, "gift") == "1,204 gifts"
    assert formatting.count(2, "church", "churches") == "2 churches"
    assert formatting.count(0, "gift") == "0 gifts"


@pytest.mark.parametrize(
    ("locale", "whole", "exact", "short", "negative"),
    [
        ("de_DE", "1.234 €", "1.234,50 €", "1,9k €", "−1.234,50 €"),
        ("fr_FR", "1\u202f234 €", "1\u202f234,50 €", "1,9k €", "−1\u202f234,50 €"),
        ("en_GB", "€1,234", "€1,234.50", "€1.9k", "−€1,234.50"),
        ("ja_JP", "€1,234", "€1,234.50", "€1.9k", "−€1,234.50"),
        ("de_CH", "EUR 1’234", "EUR 1’234.50", "EUR 1.9k", "EUR−1’234.50"),
        ("hi_IN", "€1,234", "€1,234.50", "€1.9k", "−€1,234.50"),
    ],
)
def test_money_in_a_locale(locale: str, whole: str, exact: str, short: str, negative: str) -> None:
    cents = Money(123_450, "EUR")
    texts = (
        formatting.money(Money(123_400, "EUR"), locale=locale),
        formatting.money_exact(cents, locale=locale),
        formatting.money_short(Money(190_000, "EUR"), locale=locale),
        formatting.money_exact(Money(-cents.minor, "EUR"), locale=locale),
    )
    # a blank beside the currency is one that does not break the line
    assert tuple(text.replace("\u00a0", " ") for text in texts) == (whole, exact, short, negative)
    assert " " not in "".join(texts)


def test_a_currency_of_three_decimals_always_has_them() -> None:
    assert formatting.money(Money(1_234_000, "KWD"), locale=US) == "KWD1,234.000"
    assert formatting.money(Money(1_234_000, "IQD"), locale="de_DE") == "1.234,000\u00a0IQD"


@pytest.mark.parametrize(
    ("locale", "day", "long_day", "pattern", "first_weekday"),
    [
        ("en_US", "2 Mar", "Monday 2 March", "MM/DD/YYYY", 6),
        ("en_GB", "2 Mar", "Monday 2 March", "DD/MM/YYYY", 0),
        ("de_DE", "02.03.2026", "Monday 02.03.2026", "DD.MM.YYYY", 0),
        ("de_CH", "02.03.2026", "Monday 02.03.2026", "DD.MM.YYYY", 0),
        ("fr_FR", "02/03/2026", "Monday 02/03/2026", "DD/MM/YYYY", 0),
        ("sv_SE", "2026-03-02", "Monday 2026-03-02", "YYYY-MM-DD", 0),
        ("ja_JP", "2026/03/02", "Monday 2026/03/02", "YYYY/MM/DD", 6),
        ("ar_EG", "02/03/2026", "Monday 02/03/2026", "DD/MM/YYYY", 5),
    ],
)
def test_days_in_a_locale(
    locale: str, day: str, long_day: str, pattern: str, first_weekday: int
) -> None:
    monday = date(2026, 3, 2)
    assert formatting.day(monday, today=monday, locale=locale) == day
    assert formatting.long_day(monday, locale=locale) == long_day
    assert formatting.day_pattern(locale) == pattern
    assert formatting.first_weekday(locale) == first_weekday
    # months are English words in every locale
    assert (formatting.month(monday), formatting.long_month(monday)) == ("Mar 2026", "March 2026")
    moment = datetime(2026, 3, 2, 7, 40)
    assert formatting.moment(moment, today=monday, locale=locale) == f"{day} at 07:40"


def test_a_day_of_another_year_has_its_year() -> None:
    value, today = date(2025, 3, 2), date(2026, 3, 2)
    assert formatting.long_day(value, today=today, locale=US) == "Sunday 2 March 2025"
    assert formatting.long_day(value, today=today, locale="de_DE") == "Sunday 02.03.2025"


def test_every_locale_has_an_order_that_date_fields_know() -> None:
    """Streamlit knows these three orders, with a slash, a point or a hyphen."""
    orders = {"YYYY/MM/DD", "DD/MM/YYYY", "MM/DD/YYYY"}
    for locale in locales():
        mark = formatting.day_pattern(locale).strip("DMY")[0]
        assert mark in "/.-"
        assert formatting.day_pattern(locale).replace(mark, "/") in orders, locale


@pytest.mark.parametrize(
    ("locale", "number", "share", "typed"),
    [
        ("en_US", "1,234,567.5", "4.2 %", "1234.50"),
        ("en_GB", "1,234,567.5", "4.2 %", "1234.50"),
        ("ja_JP", "1,234,567.5", "4.2%", "1234.50"),
        ("de_DE", "1.234.567,5", "4,2\u00a0%", "1234,50"),
        ("fr_FR", "1\u202f234\u202f567,5", "4,2\u00a0%", "1234,50"),
        ("de_CH", "1’234’567.5", "4.2%", "1234.50"),
        ("hi_IN", "12,34,567.5", "4.2%", "1234.50"),
        ("tr_TR", "1.234.567,5", "%4,2", "1234,50"),
    ],
)
def test_numbers_in_a_locale(locale: str, number: str, share: str, typed: str) -> None:
    assert formatting.number(1_234_567.5, locale=locale, decimals=1) == number
    assert formatting.percent(0.042, locale=locale) == share
    assert formatting.money_plain(Money(123_450, "EUR"), locale=locale) == typed
    assert formatting.count(1204, "gift", locale=locale).endswith("204 gifts")
    assert formatting.separators(locale)[0] == typed[4]


def test_a_day_may_have_a_time() -> None:
    assert formatting.at_time("22 Nov", time(9, 5)) == "22 Nov at 09:05"
    assert formatting.at_time("22 Nov", None) == "22 Nov"
