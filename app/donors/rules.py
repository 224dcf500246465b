"""What makes a donor's details right. Pure."""

import re
from dataclasses import fields, replace
from typing import Any

from app.donors.answers import Address, DonorFields
from app.kit import names, own_fields
from app.kit.errors import InvalidError

KINDS = ("person", "household", "organisation")
STATUSES = ("prospect", "asked", "donor", "lapsed", "declined")
CONTACT_KINDS = ("call", "meeting", "letter", "text", "e-mail", "note")
LONGEST = 300
LONGEST_NOTES = 20_000
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
FEWEST_DIGITS = 5


def checked(given: DonorFields) -> DonorFields:
    """Return the details tidied, with the name built from its parts when it was left empty.

    Raises:
        InvalidError: something cannot be right; the sentence says what.
    """
    texts: dict[str, Any] = {
        one.name: names.fold(getattr(given, one.name)) or None
        for one in fields(given)
        if isinstance(getattr(given, one.name), str)
    }
    tidy = replace(given, **texts, address=_tidy_address(given.address))
    tidy = replace(
        tidy, name=_name(tidy), notes=(given.notes or "").strip() or None,
        more=own_fields.as_lines(own_fields.from_lines(given.more)),
    )  # fmt: skip
    _refuse(tidy)
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


def _refuse(tidy: DonorFields) -> None:
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
    for one in fields(tidy):
        value = getattr(tidy, one.name)
        longest = LONGEST_NOTES if one.name in {"notes", "more"} else LONGEST
        if isinstance(value, str) and len(value) > longest:
            msg = f"The {one.name.replace('_', ' ')} may have {longest:,} characters at most."
            raise InvalidError(msg)


def differences(old: DonorFields, new: DonorFields) -> dict[str, tuple[Any, Any]]:
    """Return what differs, as JSON values: field → (old, new)."""
    return {
        one.name: (_plain(getattr(old, one.name)), _plain(getattr(new, one.name)))
        for one in fields(old)
        if getattr(old, one.name) != getattr(new, one.name)
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Address) else value


def sentence(changed: dict[str, tuple[Any, Any]]) -> str:
    """Say what was changed: "Changed the e-mail and the phone number."."""
    called = {"email": "e-mail", "phone": "phone number", "no_email": "e-mail consent",
              "no_phone": "phone consent", "no_mail": "letter consent", "more": "other fields",
              "owner_id": "owner", "anonymous": "wish to stay anonymous"}  # fmt: skip
    what = [f"the {called.get(name, name.replace('_', ' '))}" for name in changed]
    if len(what) > 1:
        what = [", ".join(what[:-1]) + " and " + what[-1]]
    return f"Changed {what[0]}." if what else "Nothing was changed."
