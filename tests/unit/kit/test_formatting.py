from datetime import date

import pytest

from app.kit import formatting
from app.kit.money import Money


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
    assert formatting.money(amount) == text


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
    assert formatting.money_short(Money(minor, "USD")) == text


def test_money_exact_keeps_the_cents() -> None:
    assert formatting.money_exact(Money(100, "USD")) == "$1.00"
    assert formatting.money_exact(Money(-100, "USD")) == "−$1.00"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(date(2026, 11, 22), "22 Nov", id="this year"),
        pytest.param(date(2025, 11, 22), "22 Nov 2025", id="before"),
        pytest.param(date(2027, 1, 2), "2 Jan 2027", id="after"),
    ],
)
def test_day(value: date, text: str) -> None:
    assert formatting.day(value, today=date(2026, 11, 23)) == text


def test_days_and_months_in_full() -> None:
    assert formatting.long_day(date(2026, 11, 23)) == "Monday 23 November"
    assert formatting.month(date(2026, 11, 23)) == "Nov 2026"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.042, "4.2 %"), (0.0996, "10 %"), (0.714, "71 %"), (1.2, "120 %")],
)
def test_percent(share: float, text: str) -> None:
    assert formatting.percent(share) == text


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
