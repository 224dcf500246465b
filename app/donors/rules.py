"""Validation rules for a donor's details. Pure functions."""

import re
from dataclasses import fields, replace
from typing import Any

from app.donors.results import Address, DonorFields
from app.kit import custom_fields, names, text
from app.kit.errors import InvalidError

KINDS = ("person", "household", "organisation")
STATUSES = ("prospect", "asked", "donor", "lapsed", "declined")
CONTACT_KINDS = ("call", "meeting", "letter", "text", "e-mail", "note")
NAMES = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "spouse_first_name",
        "spouse_last_name",
        "salutation",
    }
)
NOTES = frozenset({"notes", "more"})
LONGEST_NOTES = 20_000
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
FEWEST_DIGITS = 5


def checked(given: DonorFields, saved: DonorFields | None = None) -> DonorFields:
    """Return the normalised details, with an empty name built from its parts.

    A text that is unchanged since it was saved may exceed today's length limits.

    Raises:
        InvalidError: a field is invalid; the message says which and why.
    """
    _refuse_texts(given, saved or DonorFields())
    if given.phone:
        given = replace(given, phone=text.phone(given.phone))
    texts: dict[str, Any] = {
        one.name: names.fold(getattr(given, one.name)) or None
        for one in fields(given)
        if isinstance(getattr(given, one.name), str)
    }
    tidy = replace(given, **texts, address=_tidy_address(given.address))
    tidy = replace(
        tidy,
        name=_name(tidy),
        notes=(given.notes or "").strip() or None,
        more=custom_fields.as_lines(custom_fields.from_lines(given.more)),
    )
    _refuse(tidy, saved)
    return tidy


def _name(tidy: DonorFields) -> str:
    if tidy.name:
        return tidy.name
    if tidy.kind == "organisation":
        return ""
    return names.couple(
        tidy.first_name, tidy.last_name, tidy.spouse_first_name, tidy.spouse_last_name
    )


def _tidy_address(address: Address) -> Address:
    parts = {one.name: names.fold(getattr(address, one.name) or "") for one in fields(address)}
    return Address(**{name: value or None for name, value in parts.items()})


def _refuse_texts(given: DonorFields, saved: DonorFields) -> None:
    """Raise InvalidError for characters not allowed in a text and for names that are too long."""
    _refuse_lines(given.address, saved.address)
    for field in fields(given):
        value, what = getattr(given, field.name), _called(field.name)
        if not isinstance(value, str) or value == getattr(saved, field.name):
            continue
        if field.name in NOTES:
            text.note(value, what, longest=LONGEST_NOTES)
        elif field.name in NAMES:
            text.name(value, what)
        else:
            text.line(text.phone(value) if field.name == "phone" else value, what)


def _refuse_lines(given: Address, saved: Address) -> None:
    for part in fields(given):
        value = getattr(given, part.name)
        if value and value != getattr(saved, part.name):
            text.line(value, _called(part.name))


def _called(field: str) -> str:
    return f"The {field.replace('_', ' ')}"


def _refuse(tidy: DonorFields, saved: DonorFields | None) -> None:
    if not tidy.name:
        what = "the organisation's name" if tidy.kind == "organisation" else "a name"
        msg = f"Please fill in {what}."
        raise InvalidError(msg)
    if tidy.kind not in KINDS or tidy.status not in STATUSES:
        msg = "Please choose a kind and a standing from the lists."
        raise InvalidError(msg)
    if tidy.email and not EMAIL.fullmatch(tidy.email):
        msg = f"“{tidy.email}” is not an e-mail address. It looks like name@example.org."
        raise InvalidError(msg)
    if tidy.phone and len(re.sub(r"\D", "", tidy.phone)) < FEWEST_DIGITS:
        msg = f"“{tidy.phone}” is not a phone number: it needs at least {FEWEST_DIGITS} digits."
        raise InvalidError(msg)
    if saved is None or tidy.name != saved.name:
        # the name may be built from parts that are each short enough
        text.name(tidy.name)


def differences(old: DonorFields, new: DonorFields) -> dict[str, tuple[Any, Any]]:
    """Return the fields that differ, as JSON values: field → (old, new)."""
    return {
        one.name: (_plain(getattr(old, one.name)), _plain(getattr(new, one.name)))
        for one in fields(old)
        if getattr(old, one.name) != getattr(new, one.name)
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Address) else value


def sentence(changed: dict[str, tuple[Any, Any]]) -> str:
    """Return a sentence on the changes: "Changed the e-mail and the phone number."."""
    called = {
        "email": "e-mail",
        "phone": "phone number",
        "no_email": "e-mail consent",
        "no_phone": "phone consent",
        "no_mail": "letter consent",
        "more": "other fields",
        "owner_id": "owner",
        "anonymous": "wish to stay anonymous",
    }
    what = [f"the {called.get(name, name.replace('_', ' '))}" for name in changed]
    if len(what) > 1:
        what = [", ".join(what[:-1]) + " and " + what[-1]]
    return f"Changed {what[0]}." if what else "Nothing was changed."
