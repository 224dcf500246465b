"""Parsing of amounts typed into a field."""

import pytest

from app.kit import amount_input
from app.kit.errors import InvalidError


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
        amount_input.amount(text, "USD")


def test_currencies_with_other_decimals() -> None:
    assert amount_input.amount("1.234", "KWD").minor == 1234
    assert amount_input.amount("1,234", "JPY").minor == 1234
    with pytest.raises(InvalidError, match="more decimals"):
        amount_input.amount("12.5", "JPY")
    with pytest.raises(InvalidError, match="two ways"):
        amount_input.amount("1,234", "KWD")
