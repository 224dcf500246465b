"""Validation rules for a donor's details. Pure functions."""

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import date
from typing import Any

from app.donors.contacts.details import Address
from app.donors.contacts.languages import language_code
from app.donors.contacts.rules import check_email, check_phone, normalised_address
from app.donors.results import DonorFields
from app.kit import custom_fields, names, text
from app.kit.dates import days
from app.kit.errors import InvalidError

KINDS = ("person", "household", "organisation")
STATUSES = ("prospect", "asked", "donor", "lapsed", "declined")
CHANNELS = {"email": "e-mail", "phone": "phone", "mail": "letter", "text": "text message"}
CONTACT_KINDS = ("call", "meeting", "letter", "text", "e-mail", "note")
NAMES = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "spouse_first_name",
        "spouse_last_name",
        "salutation",
        "envelope_name",
    }
)
NOTES = frozenset({"notes", "more"})
LONGEST_NOTES = 20_000


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
    normalised = replace(details, **texts, address=normalised_address(details.address))
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
    if details.email:
        check_email(details.email)
    if details.phone:
        check_phone(details.phone)
    _refuse_preferences(details)
    if saved is None or details.name != saved.name:
        # the name may be built from parts that are each short enough
        text.name(details.name)


def _refuse_preferences(details: DonorFields) -> None:
    language = details.preferred_language
    if language and language_code(language) != language:
        msg = f"“{language}” is not the code of a language. German is de."
        raise InvalidError(msg)
    if details.preferred_channel and details.preferred_channel not in CHANNELS:
        msg = f"Please choose the preferred channel from the list: {', '.join(CHANNELS)}."
        raise InvalidError(msg)
    if details.deceased_on is not None:
        days.check_day(details.deceased_on)


def check_kind(*, is_member: bool, has_members: bool) -> None:
    """Check that the kind of a donor may change, who may be in a household or be one.

    Raises:
        InvalidError: it is a member of a household, or a household with members.
    """
    if is_member:
        msg = "A member of a household is a person. Take the donor out of the household first."
        raise InvalidError(msg)
    if has_members:
        msg = "This household has members. Dissolve it first; then its kind can change."
        raise InvalidError(msg)


def differences(old: DonorFields, new: DonorFields) -> dict[str, tuple[Any, Any]]:
    """Return the fields that differ, as JSON values: field → (old, new)."""
    return {
        field.name: (_json_value(getattr(old, field.name)), _json_value(getattr(new, field.name)))
        for field in fields(old)
        if getattr(old, field.name) != getattr(new, field.name)
    }


def _json_value(value: object) -> object:
    return str(value) if isinstance(value, Address | date) else value


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
        "deceased_on": "day of death",
        "anonymous": "wish to stay anonymous",
    }
    labels = [f"the {field_labels.get(name, name.replace('_', ' '))}" for name in changed]
    if len(labels) > 1:
        labels = [", ".join(labels[:-1]) + " and " + labels[-1]]
    return f"Changed {labels[0]}." if labels else "Nothing was changed."
