"""Validation of gifts and proportional sharing of amounts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gifts import rules
from app.kit.errors import InvalidError
from app.kit.money import Money

TODAY = date(2026, 11, 23)
USD = "USD"


def dollars(amount: int) -> Money:
    return Money(amount * 100, USD)


def test_a_valid_gift_passes() -> None:
    rules.check(dollars(50), TODAY, "check", "Christmas", today=TODAY)
    rules.check(dollars(50), TODAY, None, None, today=TODAY)
    rules.check_parts(dollars(50), [dollars(20), dollars(30)])
    rules.check_reversal(dollars(20), dollars(50), TODAY, TODAY, today=TODAY)


@pytest.mark.parametrize(
    ("amount", "on", "method", "note", "message"),
    [
        (0, TODAY, None, None, "A gift must be more than zero."),
        (-5, TODAY, None, None, "A gift must be more than zero."),
        (5, TODAY, "barter", None, "“barter” is not a way of giving we know."),
        (5, TODAY, None, "x" * 4001, "The note may have 4,000 characters at most."),
        (5, date(2026, 11, 24), None, None, "2026-11-24 is in the future."),
        (5, date(26, 11, 23), None, None, "The year 0026 cannot be right."),
    ],
)
def test_an_invalid_gift_is_rejected(
    amount: int, on: date, method: str | None, note: str | None, message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        rules.check(dollars(amount), on, method, note, today=TODAY)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([20, 20], "The parts come to 40.00, the gift to 50.00."),
        ([60, -10], "Each part of the gift must be more than zero."),
        ([50, 0], "Each part of the gift must be more than zero."),
    ],
)
def test_parts_must_add_up_to_the_gift(parts: list[int], message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        rules.check_parts(dollars(50), [dollars(part) for part in parts])


@pytest.mark.parametrize(
    ("amount", "remaining", "on", "message"),
    [
        (10, 0, TODAY, "This gift has been taken back already."),
        (0, 50, TODAY, "The amount to take back must be more than zero."),
        (51, 50, TODAY, "Only 50.00 of this gift is left to take back."),
        (10, 50, date(2026, 11, 24), "is in the future"),
        (10, 50, date(2026, 10, 31), "A gift cannot be taken back before it was given."),
    ],
)
def test_invalid_reversals_are_rejected(
    amount: int, remaining: int, on: date, message: str
) -> None:
    given_on = date(2026, 11, 1)
    with pytest.raises(InvalidError, match=message):
        rules.check_reversal(dollars(amount), dollars(remaining), on, given_on, today=TODAY)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**9), min_size=1, max_size=12))
def test_shares_add_up_and_are_proportional(amount: int, weights: list[int]) -> None:
    shares = rules.share_out(amount, weights)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * sum(weights) - amount * weight) < sum(weights)


def test_the_largest_remainder_rounds_up() -> None:
    assert rules.share_out(100, [1, 1, 1]) == [34, 33, 33]
    assert rules.share_out(10, [2, 2, 3]) == [3, 3, 4]
