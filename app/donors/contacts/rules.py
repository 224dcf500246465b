"""Rules for contact details: which one is used on a day, and which values are valid."""

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import TypeVar

from app.donors.contacts.details import (
    ADDRESS_TYPES,
    EMAIL_TYPES,
    PHONE_TYPES,
    SEASONAL,
    Address,
    AddressDetail,
    ContactDetail,
    EmailDetail,
    PhoneDetail,
)
from app.kit import names, text
from app.kit.dates import days
from app.kit.errors import InvalidError

EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
FEWEST_DIGITS = 5
MONTH_DAY = re.compile(r"\d\d-\d\d", re.ASCII)
LEAP_YEAR = 2000
TYPES: dict[type[ContactDetail], tuple[str, ...]] = {
    EmailDetail: EMAIL_TYPES,
    PhoneDetail: PHONE_TYPES,
    AddressDetail: ADDRESS_TYPES,
}

_Detail = TypeVar("_Detail", bound=ContactDetail)


def used_contact(details: Sequence[_Detail], on: date) -> _Detail | None:
    """Return the detail to use on a day, or None.

    Details that are marked as not to be used or not valid on the day are never used. Among the
    others a seasonal address in its season comes first, then the primary one, then the oldest.
    """
    usable = [detail for detail in details if why_unused(detail, on) is None]
    return min(usable, key=_rank, default=None)


def _rank(detail: ContactDetail) -> tuple[bool, bool, int]:
    return detail.type != SEASONAL, not detail.is_primary, detail.id or 0


def why_unused(detail: ContactDetail, on: date) -> str | None:
    """Return why a detail cannot be used on a day, or None if it can."""
    if detail.do_not_use:
        return "do not use"
    if not isinstance(detail, AddressDetail):
        return None
    if detail.valid_from is not None and on < detail.valid_from:
        return "not valid yet"
    if detail.valid_to is not None and on > detail.valid_to:
        return "no longer valid"
    if not in_season(detail, on):
        return "out of season"
    return None


def in_season(detail: AddressDetail, on: date) -> bool:
    """Return whether a day is in the season of an address; without a season every day is."""
    if detail.season_from is None or detail.season_to is None:
        return True
    month_day = f"{on:%m-%d}"
    after_start, before_end = detail.season_from <= month_day, month_day <= detail.season_to
    if detail.season_from <= detail.season_to:
        return after_start and before_end
    return after_start or before_end


def validated_detail(detail: ContactDetail) -> ContactDetail:
    """Return the normalised detail.

    Raises:
        InvalidError: a value is invalid; the message says which and why.
    """
    if detail.type not in TYPES[type(detail)]:
        msg = f"“{detail.type}” is no type of it. Types are {', '.join(TYPES[type(detail)])}."
        raise InvalidError(msg)
    if isinstance(detail, EmailDetail):
        email = names.fold(text.line(detail.email, "The e-mail"))
        check_email(email)
        return replace(detail, email=email)
    if isinstance(detail, PhoneDetail):
        phone = names.fold(text.line(text.phone(detail.phone), "The phone"))
        check_phone(phone)
        return replace(detail, phone=phone)
    return _validated_address(detail)


def check_email(email: str) -> None:
    """Raise InvalidError unless this is an e-mail address."""
    if not EMAIL.fullmatch(email):
        msg = f"“{email}” is not an e-mail address. It looks like name@example.org."
        raise InvalidError(msg)


def check_phone(phone: str) -> None:
    """Raise InvalidError unless this is a phone number."""
    if len(re.sub(r"\D", "", phone)) < FEWEST_DIGITS:
        msg = f"“{phone}” is not a phone number: it needs at least {FEWEST_DIGITS} digits."
        raise InvalidError(msg)


def normalised_address(address: Address) -> Address:
    """Return the address without superfluous white space; empty parts are None."""
    parts = {
        field.name: names.fold(getattr(address, field.name) or "") for field in fields(address)
    }
    return Address(**{name: value or None for name, value in parts.items()})


def _validated_address(detail: AddressDetail) -> AddressDetail:
    for part in fields(detail.address):
        if value := getattr(detail.address, part.name):
            text.line(value, f"The {part.name.replace('_', ' ')}")
    address = normalised_address(detail.address)
    if not text.visible(str(address)).strip():
        msg = "Please fill in the address: at least the street or the city."
        raise InvalidError(msg)
    _check_season(detail)
    for day in (detail.valid_from, detail.valid_to):
        if day is not None:
            days.check_day(day)
    if detail.valid_from and detail.valid_to and detail.valid_from > detail.valid_to:
        msg = "The address cannot be valid to a day before the day from which it is valid."
        raise InvalidError(msg)
    return replace(detail, address=address)


def _check_season(detail: AddressDetail) -> None:
    season = (detail.season_from, detail.season_to)
    if detail.type != SEASONAL:
        if season != (None, None):
            msg = "Only a seasonal address has a season. Choose the type “seasonal”."
            raise InvalidError(msg)
        return
    for month_day in season:
        if month_day is None or not _is_month_day(month_day):
            msg = (
                "A seasonal address needs the first and the last day of its season, as month and "
                "day: 11-01 is 1 November."
            )
            raise InvalidError(msg)


def _is_month_day(value: str) -> bool:
    if not MONTH_DAY.fullmatch(value):
        return False
    try:
        date(LEAP_YEAR, int(value[:2]), int(value[3:]))
    except ValueError:
        return False
    return True
