"""Money is exact, has a currency and refuses invalid amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.errors import InvalidError
from app.kit.money import MAX_MINOR, CurrencyMismatchError, Money, check_currency, exponent

MINOR = st.integers(-MAX_MINOR, MAX_MINOR)
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLP", "BHD"])


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("EUR", 2)])
def test_exponent(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_an_unknown_currency_is_refused_with_a_short_sentence() -> None:
    for currency in ("USD", "CHF", "LTL"):
        check_currency(currency)
    for wrong in ("", "usd", "XXQ", "US$", "XXX", "XTS"):
        with pytest.raises(InvalidError, match="is not a currency we know"):
            check_currency(wrong)
    with pytest.raises(InvalidError, match=f"^{'X' * 20} is not"):
        check_currency("X" * 5000)


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        ("12.500", "USD", 1250),
        ("1e3", "USD", 100_000),
        (Decimal("-0.01"), "EUR", -1),
        (7, "JPY", 7),
        ("1.234", "KWD", 1234),
        ("0", "USD", 0),
    ],
)
def test_of(typed: str | Decimal | int, currency: str, minor: int) -> None:
    assert Money.of(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("typed", "currency", "message"),
    [
        pytest.param("12.345", "USD", "“12.345” has more decimals than USD", id="half a cent"),
        pytest.param("0.5", "JPY", "“0.5” has more decimals than JPY has.", id="half a yen"),
        pytest.param("ten", "USD", "“ten” is not an amount.", id="a word"),
        pytest.param("", "USD", "“” is not an amount.", id="nothing"),
        pytest.param("NaN", "USD", "“NaN” is not an amount we can keep.", id="not a number"),
        pytest.param("Infinity", "USD", "“Infinity” is not an amount we can keep.", id="endless"),
        pytest.param("1e14", "USD", "“1e14” is not an amount we can keep.", id="too large"),
        pytest.param("1e999999", "USD", "“1e999999” is not an amount.", id="far too large"),
        pytest.param("sNaN", "USD", "“sNaN” is not an amount.", id="a signal"),
    ],
)
def test_invalid_amounts_are_refused(typed: str, currency: str, message: str) -> None:
    with pytest.raises(InvalidError) as refused:
        Money.of(typed, currency)
    assert str(refused.value).startswith(message)


@given(MINOR, CURRENCIES)
def test_formatting_and_parsing_round_trip(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert Money.of(str(amount), currency) == amount
    assert "E" not in str(amount)


@given(MINOR, MINOR, CURRENCIES)
def test_arithmetic(a: int, b: int, currency: str) -> None:
    left, right = Money(a, currency), Money(b, currency)
    assert (left + right).minor == a + b
    assert left - right == left + -right
    assert (left < right) == (a < b)
    assert left * 3 == left + left + left


def test_the_amount_has_the_decimals_of_its_currency() -> None:
    amounts = [str(Money(minor, code)) for minor, code in ((5, "USD"), (5, "JPY"), (5, "KWD"))]
    assert amounts == ["0.05", "5", "0.005"]


@pytest.mark.parametrize("method", ["__add__", "__sub__", "__lt__"])
def test_currencies_never_mix(method: str) -> None:
    with pytest.raises(CurrencyMismatchError, match="Cannot mix USD and EUR"):
        getattr(Money(1, "USD"), method)(Money(1, "EUR"))
