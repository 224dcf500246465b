"""Validation rules for pledges; each error message is a sentence for the user. Pure functions."""

from datetime import date

from app.kit.dates.cadence import Frequency
from app.kit.errors import InvalidError
from app.kit.money import Money
from app.kit.payment_methods import METHODS

EARLIEST, LATEST = date(1950, 1, 1), date(2150, 1, 1)
MOST_INSTALMENTS = 2_000
LONGEST_GRACE = 366


def new_pledge(
    amount: Money,
    frequency: str,
    start: date,
    anchor: int | None,
    end: date | None,
    instalments: int | None,
    total: Money | None,
    method: str | None,
) -> None:
    """Validate the fields of a new pledge.

    Raises:
        InvalidError: a field is invalid; the message says which.
    """
    positive(amount)
    terms(frequency, anchor, None)
    plausible_year(start)
    term(amount, start, end, instalments, total, method)


def term(
    amount: Money,
    start: date,
    end: date | None,
    instalments: int | None,
    total: Money | None,
    method: str | None,
) -> None:
    """Validate when a pledge ends (by a day, a number of instalments, a sum), and its method.

    Raises:
        InvalidError: a field is invalid; the message says which.
    """
    if end is not None:
        plausible_year(end)
        if end < start:
            _refuse("The pledge would end before it begins.")
    if instalments is not None and not 1 <= instalments <= MOST_INSTALMENTS:
        _refuse(f"The number of instalments must be between 1 and {MOST_INSTALMENTS:,}.")
    if total is not None:
        positive(total)
        if total.currency != amount.currency:
            _refuse("The total must be in the same currency as the instalment.")
        if total < amount:
            _refuse("The total is smaller than one instalment.")
    if method is not None and method not in METHODS:
        _refuse(f"“{method}” is not a way of giving we know.")


def terms(frequency: str, anchor: int | None, grace: int | None) -> None:
    """Validate frequency, anchor day and grace days.

    Raises:
        InvalidError: a field is invalid; the message says which.
    """
    if frequency not in set(Frequency):
        _refuse(f"“{frequency}” is not a frequency we know.")
    if anchor is not None and not 1 <= anchor <= 31:  # noqa: PLR2004
        _refuse("The day of the month must be between 1 and 31.")
    if grace is not None and not 0 <= grace <= LONGEST_GRACE:
        _refuse(f"The days of grace must be between 0 and {LONGEST_GRACE}.")


def new_amount(amount: Money, old: Money, since: date, start: date) -> None:
    """Validate a new amount: positive, changed, in the same currency, from a possible day.

    Raises:
        InvalidError: the message says why.
    """
    positive(amount)
    plausible_year(since)
    if amount.currency != old.currency:
        _refuse(f"This pledge is in {old.currency}. End it and begin one in {amount.currency}.")
    if amount == old:
        _refuse("That is the amount promised already.")
    if since < start:
        _refuse("The new amount cannot begin before the pledge does.")


def pause(start: date, end: date | None) -> None:
    """Validate the days of a pause.

    Raises:
        InvalidError: the pause ends before it begins, or a year is impossible.
    """
    plausible_year(start)
    if end is not None:
        plausible_year(end)
        if end < start:
            _refuse("The pause would end before it begins.")


def end(on: date, start: date) -> None:
    """Validate the day on which a pledge ends.

    Raises:
        InvalidError: it is before the start, or its year is impossible.
    """
    plausible_year(on)
    if on < start:
        _refuse("The pledge cannot end before it began.")


def still_running(status: str) -> None:
    """Raise an error if the pledge is over.

    Raises:
        InvalidError: it is completed or cancelled.
    """
    if status in {"completed", "cancelled"}:
        _refuse(f"This pledge is {status} already.")


def positive(amount: Money) -> None:
    """Raise an error unless the amount is above zero.

    Raises:
        InvalidError: the amount is not above zero.
    """
    if amount.minor <= 0:
        _refuse("The amount must be more than zero.")


def plausible_year(day: date) -> None:
    """Raise an error for impossible years, such as the year 26 typed for 2026.

    Raises:
        InvalidError: the message names the year.
    """
    if not EARLIEST <= day < LATEST:
        _refuse(f"The year {day.year:04} cannot be right. Please write all four digits.")


def _refuse(sentence: str) -> None:
    raise InvalidError(sentence)
