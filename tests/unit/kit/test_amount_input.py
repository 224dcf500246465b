"""Parsing of amounts typed into a field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import amount_input, formatting
from app.kit.errors import InvalidError
from app.kit.money import MAX_MINOR, Money
from app.kit.regional_defaults import currencies, locales


@pytest.mark.parametrize(
    ("text", "locale", "minor"),
    [
        ("50", "en_US", 5000),
        (" $1,234.50 ", "en_US", 123450),
        ("1.234,56", "en_US", 123456),
        ("1.234,56 €", "de_DE", 123456),
        ("1,234", "en_US", 123400),
        ("1.234", "de_DE", 123400),
        ("1 234,5", "fr_FR", 123450),
        ("1'234.50", "de_CH", 123450),
        ("1,234,567", "de_DE", 123456700),
        ("12,5", "en_US", 1250),
        ("12.", "en_US", 1200),
        (".5", "en_US", 50),
        ("-5", "en_US", -500),
        ("−5.00", "en_US", -500),
        ("USD 7", "en_US", 700),
        ("7 USD", "en_US", 700),
        ("-$1,234.50", "en_US", -123450),
        ("−$5", "en_US", -500),
        ("−1.234,50\u00a0$", "de_DE", -123450),
        ("$−1’234.50", "de_CH", -123450),
        ("12,34,567.00", "en_IN", 123456700),
        ("\u200f-1,234.50\u00a0\u200f$", "he_IL", -123450),
    ],
)
def test_valid_amounts(text: str, locale: str, minor: int) -> None:
    assert amount_input.amount(text, "USD", locale=locale).minor == minor


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "fill in an amount"),
        ("  ", "fill in an amount"),
        ("fifty", "not an amount"),
        ("5-3", "not an amount"),
        ("5o", "not an amount"),
        ("about 50", "not an amount"),
        ("50 dollars", "not an amount"),
        ("1.234", "two ways"),
        ("1,23,4.50", "two ways"),
        ("1.2.3", "two ways"),
        ("1,234.567,8", "two ways"),
        ("1234,567", "two ways"),
        ("12.3456", "more decimals"),
        ("1,234.567", "more decimals"),
        ("99999999999999999", "not an amount we can keep"),
    ],
)
def test_invalid_amounts(text: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        amount_input.amount(text, "USD", locale="en_US")


def test_currencies_with_other_decimals() -> None:
    assert amount_input.amount("1.234", "KWD", locale="en_US").minor == 1234
    assert amount_input.amount("1,234", "JPY", locale="en_US").minor == 1234
    with pytest.raises(InvalidError, match="more decimals"):
        amount_input.amount("12.5", "JPY", locale="en_US")
    with pytest.raises(InvalidError, match="two ways"):
        amount_input.amount("1,234", "KWD", locale="en_US")


def test_a_symbol_with_a_mark_of_its_own() -> None:
    assert amount_input.amount("1.234,50 kr.", "DKK", locale="da_DK").minor == 123450
    assert amount_input.amount("-Bs. 5", "BOB", locale="es_BO").minor == -500


def test_the_example_in_an_error_is_written_as_in_the_locale() -> None:
    for currency, locale, example in (
        ("EUR", "de_DE", "1234,00"),
        ("JPY", "ja_JP", "1234"),
        ("KWD", "en_US", "1234.000"),
    ):
        with pytest.raises(InvalidError, match=rf"Write it like {example}\."):
            amount_input.amount("fifty", currency, locale=locale)


@given(
    st.integers(-MAX_MINOR, MAX_MINOR) | st.integers(-5_000, 5_000),
    st.sampled_from(["USD", "EUR", "JPY", "KWD"]) | st.sampled_from(sorted(currencies())),
    st.sampled_from(["en_US", "en_GB", "de_DE", "de_CH", "fr_FR", "ja_JP"])
    | st.sampled_from(sorted(locales())),
)
def test_a_formatted_amount_is_read_as_the_same_amount(
    minor: int, currency: str, locale: str
) -> None:
    amount = Money(minor, currency)
    for write in (formatting.money, formatting.money_exact, formatting.money_plain):
        text = write(amount, locale=locale)
        assert amount_input.amount(text, currency, locale=locale) == amount, text
