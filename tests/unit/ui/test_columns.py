"""The texts of table columns: neighbours are written alike, and each value sorts by its size."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import Money
from app.ui.widgets.rows import columns

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Named:
    name: str
    anonymous: bool = False


def texts(column: columns.Column, values: list[object]) -> list[str]:
    return column.texts(values, TODAY)


@pytest.mark.parametrize(
    ("minor", "shown"),
    [
        ([5_000, None, 120_000], ["$50", "", "$1,200"]),
        ([5_000, 1_999], ["$50.00", "$19.99"]),
        ([-250], ["\N{MINUS SIGN}$2.50"]),
        ([], []),
    ],
)
def test_amounts_of_a_column_have_decimals_together(
    minor: list[int | None], shown: list[str]
) -> None:
    column = columns.money("Amount", lambda row: row)
    amounts = [None if value is None else Money(value, "USD") for value in minor]
    assert texts(column, list(amounts)) == shown
    assert column.amounts


def test_amounts_of_several_currencies_have_their_code() -> None:
    column = columns.money("Amount", lambda row: row)
    amounts = [Money(5_000, "USD"), Money(1_500, "JPY"), None]
    assert texts(column, list(amounts)) == ["50.00 USD", "1,500 JPY", ""]


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ([date(2026, 11, 22), None, date(2026, 1, 5)], ["22 Nov", "", "5 Jan"]),
        ([date(2026, 11, 22), date(2025, 12, 31)], ["22 Nov 2026", "31 Dec 2025"]),
    ],
)
def test_days_of_a_column_have_their_year_together(
    days: list[date | None], shown: list[str]
) -> None:
    assert texts(columns.days("Day", lambda row: row), list(days)) == shown


def test_text_is_on_one_line_and_a_name_says_who_gives_anonymously() -> None:
    assert texts(columns.text("Note", lambda row: row), ["one\n two", None]) == ["one two", ""]
    column = columns.name("Donor", lambda row: row.name)
    assert column.value(Named("Ann", anonymous=True)) == "Ann (anonymous)"
    assert column.value(Named("Bo")) == "Bo"


def test_numbers_and_bars() -> None:
    assert texts(columns.number("Tries", lambda row: row), [1_200, None]) == ["1,200", ""]
    amounts = [Money(5_000, "USD"), Money(0, "USD")]
    assert texts(columns.bars("Months", lambda row: row), [amounts]) == ["$50, $0"]


def test_a_button_is_only_in_the_rows_that_have_one() -> None:
    column = columns.button("Thank", lambda row: row > 1, pressed="thank")
    assert [column.value(row) for row in (1, 2)] == [None, "Thank"]


@given(st.lists(st.integers(-(10**12), 10**12)))
def test_amounts_sort_by_their_size(minor: list[int]) -> None:
    column = columns.money("Amount", lambda row: row)
    keys = [column.sort(Money(value, "USD")) for value in sorted(minor)]
    assert keys == sorted(keys, key=lambda key: (key is None, key))


@given(st.lists(st.dates()))
def test_days_sort_by_the_calendar(days: list[date]) -> None:
    column = columns.days("Day", lambda row: row)
    keys = [column.sort(day) for day in sorted(days)]
    assert keys == sorted(keys, key=lambda key: (key is None, key))


def test_text_sorts_by_itself_and_nothing_sorts_last() -> None:
    column = columns.text("Note", lambda row: row)
    assert column.sort("b") is None
    assert column.sort(None) is None
    assert column.sort(Decimal("1.5")) == 1.5
