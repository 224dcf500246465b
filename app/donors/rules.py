"""Validation rules for a donor's details. Pure functions."""

import re
from collections.abc import Collection
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


def validated(details: DonorFields, saved: DonorFields | None = None) -> DonorFields:
    """Return the normalised details, with an empty name built from its parts.

    A text that is unchanged since it was saved may exceed today's length limits.

    Raises:
        InvalidError: a field is invalid; the message says which and why.
    """
    _refuse_texts(details, saved or DonorFields())
    if details.phone:
        details = replace(details, phone=text.phone(details.phone))
    texts: dict[str, Any] = {
        field.name: names.fold(getattr(details, field.name)) or None
        for field in fields(details)
        if isinstance(getattr(details, field.name), str)
    }
    normalised = replace(details, **texts, address=_normalised_address(details.address))
    normalised = replace(
        normalised,
        name=_name(normalised),
        notes=(details.notes or "").strip() or None,
        more=custom_fields.as_lines(custom_fields.from_lines(details.more)),
    )
    _refuse(normalised, saved)
    return normalised


def _name(details: DonorFields) -> str:
    if details.name:
        return details.name
    if details.kind == "organisation":
        return ""
    return names.couple(
        details.first_name, details.last_name, details.spouse_first_name, details.spouse_last_name
    )


def _normalised_address(address: Address) -> Address:
    parts = {
        field.name: names.fold(getattr(address, field.name) or "") for field in fields(address)
    }
    return Address(**{name: value or None for name, value in parts.items()})


def _refuse_texts(details: DonorFields, saved: DonorFields) -> None:
    """Raise InvalidError for characters not allowed in a text and for names that are too long."""
    _refuse_lines(details.address, saved.address)
    for field in fields(details):
        value, label = getattr(details, field.name), _field_label(field.name)
        if not isinstance(value, str) or value == getattr(saved, field.name):
            continue
        if field.name in NOTES:
            text.note(value, label, longest=LONGEST_NOTES)
        elif field.name in NAMES:
            text.name(value, label)
        else:
            text.line(text.phone(value) if field.name == "phone" else value, label)


def _refuse_lines(details: Address, saved: Address) -> None:
    for part in fields(details):
        value = getattr(details, part.name)
        if value and value != getattr(saved, part.name):
            text.line(value, _field_label(part.name))


def _field_label(field: str) -> str:
    return f"The {field.replace('_', ' ')}"


def _refuse(details: DonorFields, saved: DonorFields | None) -> None:
    if not details.name:
        missing = "the organisation's name" if details.kind == "organisation" else "a name"
        msg = f"Please fill in {missing}."
        raise InvalidError(msg)
    if details.kind not in KINDS or details.status not in STATUSES:
        msg = "Please choose a kind and a standing from the lists."
        raise InvalidError(msg)
    if details.email and not EMAIL.fullmatch(details.email):
        msg = f"“{details.email}” is not an e-mail address. It looks like name@example.org."
        raise InvalidError(msg)
    if details.phone and len(re.sub(r"\D", "", details.phone)) < FEWEST_DIGITS:
        msg = f"“{details.phone}” is not a phone number: it needs at least {FEWEST_DIGITS} digits."
        raise InvalidError(msg)
    if saved is None or details.name != saved.name:
        # the name may be built from parts that are each short enough
        text.name(details.name)


def differences(old: DonorFields, new: DonorFields) -> dict[str, tuple[Any, Any]]:
    """Return the fields that differ, as JSON values: field → (old, new)."""
    return {
        field.name: (_json_value(getattr(old, field.name)), _json_value(getattr(new, field.name)))
        for field in fields(old)
        if getattr(old, field.name) != getattr(new, field.name)
    }


def _json_value(value: object) -> object:
    return str(value) if isinstance(value, Address) else value


def sentence(changed: Collection[str]) -> str:
    """Return a sentence on the changes: "Changed the e-mail and the phone number."."""
    field_labels = {
        "email": "e-mail",
        "phone": "phone number",
        "no_email": "e-mail consent",
        "no_phone": "phone consent",
        "no_mail": "letter consent",
        "more": "other fields",
        "owner_id": "owner",
        "anonymous": "wish to stay anonymous",
    }
    labels = [f"the {field_labels.get(name, name.replace('_', ' '))}" for name in changed]
    if len(labels) > 1:
        labels = [", ".join(labels[:-1]) + " and " + labels[-1]]
    return f"Changed {labels[0]}." if labels else "Nothing was changed."
