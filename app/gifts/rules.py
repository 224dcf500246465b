"""Validation rules for gifts, and proportional sharing of amounts. Pure functions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app.gifts.results import GiftDetails
from app.kit import text
from app.kit.errors import InvalidError
from app.kit.money import Money, check_currency
from app.kit.payment_methods import METHODS, TRIBUTES

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
LONGEST_CODE = 50
LONGEST_CHECK_NUMBER = 50
# far above any campaign, and far below what the column holds
LARGEST_GOAL = 10**15


def check(amount: Money, on: date, method: str | None, note: str | None, *, today: date) -> None:
    """Validate the fields of a gift.

    Raises:
        InvalidError: the message says which field is invalid and how to correct it.
    """
    if amount.minor <= 0:
        _refuse("A gift must be more than zero. To return one, use “Reverse” on that gift.")
    check_currency(amount.currency)
    check_day(on, today=today)
    if method is not None and method not in METHODS:
        _refuse(f"“{method}” is not a way of giving we know.")
    text.note(note)


def checked_details(details: GiftDetails, amount: Money) -> GiftDetails:
    """Return the details of a gift with their texts cleaned; empty ones are None.

    Raises:
        InvalidError: the fee is more than the gift or in another currency, a text is too long, or
            the tribute is incomplete.
    """
    fee = details.fee
    if fee is not None:
        if fee.currency != amount.currency:
            _refuse(f"The gift is in {amount.currency}, so its fee is in {amount.currency} too.")
        if fee.minor < 0:
            _refuse("The fee must not be less than zero.")
        if amount < fee:
            _refuse(f"The fee of {fee} is more than the gift of {amount}.")
    number = text.line(
        details.check_number or "", "The number of the cheque", longest=LONGEST_CHECK_NUMBER
    )
    name = text.name(details.tribute_name or "", "The name of whom the gift honours")
    notify_name = text.name(details.notify_name or "", "The name of whom to notify")
    address = text.note(details.notify_address, "The address of whom to notify", longest=1_000)
    _check_tribute(details.tribute, name, notify_name, address)
    return replace(
        details,
        check_number=number or None,
        tribute_name=name or None,
        notify_name=notify_name or None,
        notify_address=address,
    )


def _check_tribute(tribute: str | None, name: str, notify_name: str, address: str | None) -> None:
    if tribute is not None and tribute not in TRIBUTES:
        _refuse(f"“{tribute:.20}” is no kind of tribute: write {' or '.join(TRIBUTES)}.")
    if tribute is not None and not name:
        _refuse(f"Please say {tribute} whom the gift is.")
    if tribute is None and (name or notify_name or address):
        _refuse("Please choose whether the gift is in honour or in memory of this person.")
    if address and not notify_name:
        _refuse("Please give the name of the person to notify, not only the address.")


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
        rest = amount - total
        change = f"{rest} is missing" if rest.minor > 0 else f"{-rest} is too much"
        _refuse(f"The parts come to {total}, the gift to {amount}: {change}.")


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


def gl_code(code: str | None) -> str | None:
    """Return the code of an account in the bookkeeping; None when it is empty.

    Raises:
        InvalidError: it is longer than 50 characters, or holds control characters.
    """
    return text.line(code or "", "The GL code", longest=LONGEST_CODE) or None


def check_campaign(
    starts_on: date | None, ends_on: date | None, goal: Money | None, *, currency: str
) -> None:
    """Validate the dates and the goal of a campaign.

    Raises:
        InvalidError: it ends before it begins, or the goal is not more than zero.
    """
    for day in (starts_on, ends_on):
        if day is not None and not EARLIEST <= day <= LATEST:
            _refuse(f"The year {day.year:04} cannot be right. Please write all four digits.")
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        _refuse("The campaign ends before it begins. Please check the two days.")
    if goal is None:
        return
    if goal.currency != currency:
        _refuse(f"A goal is in the organisation's currency, {currency}.")
    if goal.minor <= 0:
        _refuse("The goal must be more than zero. Leave it empty if there is none.")
    if goal.minor > LARGEST_GOAL:
        _refuse("This goal is too large.")


def status(*, is_open: bool) -> str:
    """Return the status of a fund or campaign as it is stored."""
    return "active" if is_open else "closed"


def verb(old_status: str, new_status: str) -> str:
    """Return what a change of a fund or campaign did: closed, reopened or changed."""
    if old_status == new_status:
        return "changed"
    return "closed" if new_status == "closed" else "reopened"


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
