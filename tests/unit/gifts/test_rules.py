"""Validation of gifts and proportional sharing of amounts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gifts import rules
from app.gifts.results import GiftDetails
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
        ([20, 20], "The parts come to 40.00, the gift to 50.00: 10.00 is missing."),
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


@pytest.mark.parametrize("code", [None, "", "  "])
def test_an_empty_gl_code_is_none(code: str | None) -> None:
    assert rules.gl_code(code) is None


def test_a_gl_code_is_one_short_line() -> None:
    assert rules.gl_code(" 4010  A ") == "4010 A"
    assert rules.gl_code("9" * rules.LONGEST_CODE) == "9" * rules.LONGEST_CODE
    with pytest.raises(InvalidError, match="GL code may have"):
        rules.gl_code("9" * (rules.LONGEST_CODE + 1))


DAY = date(2026, 3, 1)


@pytest.mark.parametrize("days", [(None, None), (DAY, None), (None, DAY), (DAY, DAY)])
@pytest.mark.parametrize("goal", [None, Money(1, "USD"), Money(rules.LARGEST_GOAL, "USD")])
def test_a_valid_campaign_passes(
    days: tuple[date | None, date | None], goal: Money | None
) -> None:
    rules.check_campaign(*days, goal, currency="USD")


@pytest.mark.parametrize(
    ("starts", "ends", "goal", "message"),
    [
        (date(226, 3, 1), None, None, "The year 0226"),
        (None, date(9999, 3, 1), None, "The year 9999"),
        (DAY, date(2026, 2, 28), None, "ends before it begins"),
        (None, None, Money(100, "EUR"), "organisation's currency, USD"),
        (None, None, Money(0, "USD"), "more than zero"),
        (None, None, Money(-1, "USD"), "more than zero"),
        (None, None, Money(rules.LARGEST_GOAL + 1, "USD"), "too large"),
    ],
)
def test_an_invalid_campaign_is_rejected(
    starts: date | None, ends: date | None, goal: Money | None, message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        rules.check_campaign(starts, ends, goal, currency="USD")


def test_the_status_and_what_changed_it_have_a_word() -> None:
    opened, closed = rules.status(is_open=True), rules.status(is_open=False)
    assert (opened, closed) == ("active", "closed")
    assert rules.verb(opened, opened) == "changed"
    assert rules.verb(opened, closed) == "closed"
    assert rules.verb(closed, opened) == "reopened"


def test_the_texts_of_the_details_are_cleaned() -> None:
    typed = GiftDetails(
        fee=dollars(2),
        check_number=" 10  42 ",
        tribute="in honour of",
        tribute_name="Edna ",
        notify_name=" Tom",
        notify_address=" 1 Quay\r\nHull ",
    )
    assert rules.checked_details(typed, dollars(50)) == GiftDetails(
        fee=dollars(2),
        check_number="10 42",
        tribute="in honour of",
        tribute_name="Edna",
        notify_name="Tom",
        notify_address="1 Quay\nHull",
    )
    empty = GiftDetails(check_number=" ", tribute_name="", notify_name=" ", notify_address="")
    assert rules.checked_details(empty, dollars(50)) == GiftDetails()


@pytest.mark.parametrize(
    ("details", "message"),
    [
        (GiftDetails(fee=dollars(-1)), "The fee must not be less than zero."),
        (GiftDetails(fee=dollars(51)), "The fee of 51.00 is more than the gift of 50.00."),
        (GiftDetails(fee=Money(1, "EUR")), "The gift is in USD, so its fee is in USD too."),
        (GiftDetails(tribute="for", tribute_name="Edna"), "“for” is no kind of tribute"),
        (GiftDetails(tribute="in memory of"), "Please say in memory of whom the gift is."),
        (GiftDetails(notify_name="Tom"), "in honour or in memory"),
        (
            GiftDetails(tribute="in memory of", tribute_name="Edna", notify_address="1 Quay"),
            "Please give the name of the person to notify",
        ),
    ],
)
def test_details_that_cannot_be_right_are_refused(details: GiftDetails, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        rules.checked_details(details, dollars(50))
