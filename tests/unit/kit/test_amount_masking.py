"""Masking of amounts in texts; other numbers are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.amount_masking import HIDDEN, without_amounts, zero_of
from app.kit.formatting import money, money_exact, money_short
from app.kit.money import Money
from app.kit.regional_defaults import currencies, locales


@pytest.mark.parametrize(
    "currency", ["USD", "EUR", "GBP", "JPY", "CHF", "SEK", "BRL", "INR", "PLN", "KWD"]
)
@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "sv_SE", "pl_PL", "pt_BR"])
@pytest.mark.parametrize("minor", [100, 123_456, 5_000_000, -75_00, 123_456_789])
def test_every_format_of_an_amount_is_masked(currency: str, locale: str, minor: int) -> None:
    amount = Money(minor, currency)
    for formatted in (money(amount, locale=locale), money_exact(amount, locale=locale)):
        masked = without_amounts(f"Promised {formatted} monthly, since 2026.")
        assert masked == f"Promised {HIDDEN} monthly, since 2026.", formatted
    assert without_amounts(f"{money_short(amount, locale=locale)} more") == f"{HIDDEN} more"


@given(
    st.integers(-(10**9), 10**9),
    st.sampled_from(sorted(currencies())),
    st.sampled_from(sorted(locales())),
)
def test_amounts_of_every_locale_are_masked(minor: int, currency: str, locale: str) -> None:
    for write in (money, money_exact, money_short):
        text = write(Money(minor, currency), locale=locale)
        assert without_amounts(f"Promised {text} monthly") == f"Promised {HIDDEN} monthly", text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("gave $50.", "gave an amount."),
        ("gave R150, 20 kr. and 12\u00a0K", "gave an amount, an amount and an amount"),
        ("gave 50 $, then 1 000 EUR", "gave an amount, then an amount"),
        ("from $1,234.50 to US$ 2.5k!", "from an amount to an amount!"),
        ("50kr och 20 zł", "an amount och an amount"),
        ("$5 and €6", "an amount and an amount"),
    ],
)
def test_typed_amounts_are_masked(text: str, masked: str) -> None:
    assert without_amounts(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 days late, 2 instalments open since 5 Nov 2025.",
        "Call +1 555 0100 at 10:30",
        "Room 12, 50 % of the goal",
        "Nov 2026",
        "kristen 12",
        "17 friends",
        "Room R 150, a 10K run",
        "A EUR note",
    ],
)
def test_other_numbers_are_kept(text: str) -> None:
    assert without_amounts(text) == text


def test_zero_of_keeps_the_currency() -> None:
    assert zero_of(Money(4200, "JPY")) == Money(0, "JPY")
