"""Validation rules for gifts, and proportional sharing of amounts. Pure functions."""

from collections.abc import Sequence
from datetime import date

from app.kit import text
from app.kit.errors import InvalidError
from app.kit.money import Money
from app.kit.payment_methods import METHODS

EARLIEST = date(1900, 1, 1)


def check(amount: Money, on: date, method: str | None, note: str | None, *, today: date) -> None:
    """Validate the fields of a gift.

    Raises:
        InvalidError: the message says which field is invalid and how to correct it.
    """
    if amount.minor <= 0:
        _refuse("A gift must be more than zero. To return one, use “Reverse” on that gift.")
    check_day(on, today=today)
    if method is not None and method not in METHODS:
        _refuse(f"“{method}” is not a way of giving we know.")
    text.note(note)


def check_day(on: date, *, today: date) -> None:
    """Raise an error for a day in the future, or a year such as 26 typed for 2026.

    Raises:
        InvalidError: the message names the day.
    """
    if on < EARLIEST:
        _refuse(f"The year {on.year:04} cannot be right. Please write all four digits.")
    if on > today:
        _refuse(f"{on.isoformat()} is in the future. A gift is recorded when it has come in.")


def check_parts(amount: Money, parts: Sequence[Money]) -> None:
    """Raise an error unless the parts add up to the whole gift.

    Raises:
        InvalidError: the message says what is missing or too much.
    """
    if any(part.minor <= 0 for part in parts):
        _refuse("Each part of the gift must be more than zero.")
    total = sum((part for part in parts), Money(0, amount.currency))
    if total != amount:
        _refuse(f"The parts come to {total}, the gift to {amount}. They must be the same.")


def check_reversal(
    amount: Money, remaining: Money, on: date, given_on: date, *, today: date
) -> None:
    """Validate the amount and the day of a reversal.

    Raises:
        InvalidError: nothing is left, more is asked than is left, or the day is impossible.
    """
    if remaining.minor <= 0:
        _refuse("This gift has been taken back already.")
    if amount.minor <= 0:
        _refuse("The amount to take back must be more than zero.")
    if remaining < amount:
        _refuse(f"Only {remaining} of this gift is left to take back.")
    check_day(on, today=today)
    if on < given_on:
        _refuse("A gift cannot be taken back before it was given.")


def share_out(amount: int, weights: Sequence[int]) -> list[int]:
    """Share minor units in proportion to positive weights; the largest remainders round up.

    The shares add up to `amount` exactly.
    """
    total_weight = sum(weights)
    shares = [amount * weight // total_weight for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(amount * weights[i] % total_weight), i)
    )
    for index in by_remainder[: amount - sum(shares)]:
        shares[index] += 1
    return shares


def _refuse(sentence: str) -> None:
    raise InvalidError(sentence)
