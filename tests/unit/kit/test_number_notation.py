"""Decimal and group marks: typed amounts and cells of files follow the same rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.values import amounts
from app.kit import amount_input
from app.kit.number_notation import later_mark, plain_number


@pytest.mark.parametrize(
    ("number", "mark", "plain"),
    [
        ("1234", ".", "1234"),
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("12.", ".", "12."),
        (".5", ".", ".5"),
        ("1,23.4", ".", None),
        ("1.2.3", ".", None),
        ("1.234,5", ".", None),
    ],
)
def test_plain_number(number: str, mark: str, plain: str | None) -> None:
    assert plain_number(number, mark) == plain


@pytest.mark.parametrize(
    ("number", "mark"), [("1,234.5", "."), ("1.234,5", ","), ("1,234", None), ("12", None)]
)
def test_the_later_of_two_marks_is_the_decimal_mark(number: str, mark: str | None) -> None:
    assert later_mark(number) == mark


@given(st.integers(0, 10**12), st.sampled_from([("en_US", ",", "."), ("de_DE", ".", ",")]))
def test_both_parsers_agree_on_formatted_amounts(
    minor: int, notation: tuple[str, str, str]
) -> None:
    locale, group, mark = notation
    whole, cents = divmod(minor, 100)
    text = f"{whole:,}".replace(",", group) + f"{mark}{cents:02}"
    assert amount_input.amount(text, "USD", locale=locale).minor == minor
    assert amounts.read_amount(text, mark).milli == minor * 10
