"""Rules of custom fields: their names, and the canonical form of a value. Pure functions."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from app.donors.results import CustomField
from app.kit import number_notation, text
from app.kit.custom_fields import LONGEST_NAME, LONGEST_VALUE
from app.kit.dates.days import EARLIEST, LATEST
from app.kit.errors import InvalidError
from app.kit.formatting import count
from app.kit.names import fold

FIELD_TYPES = ("text", "number", "date", "choice", "yes-no")
MOST_FIELDS = 50
MOST_CHOICES = 100
LONGEST_CHOICE = 100
LONGEST_NUMBER = 30
# PostgreSQL shortens longer names of columns, which the name is in an export
MOST_BYTES = 63
_NAME = re.compile(r"[^\W_][\w .,’'()/&+#?!-]*")
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
# what a donor has anyway, as the columns of its file are named
RESERVED = frozenset(
    """
    id kind name first_name last_name spouse_first_name spouse_last_name salutation envelope_name
    status owner owner_email email e_mail other_emails phone other_phones address street city state
    postal_code country no_email no_phone no_mail deceased anonymous notes tags custom first_gift
    last_gift gifts household
    """.split()  # noqa: SIM905
)


def checked_name(name: str) -> str:
    """Return the name of a field, white space collapsed.

    Raises:
        InvalidError: it is empty, too long, has a character that separates it from its value, or
            is that of a field that every donor has.
    """
    checked = text.line(name, "The name of the field", longest=LONGEST_NAME)
    if not checked:
        msg = "Please give the field a name."
        raise InvalidError(msg)
    if not _NAME.fullmatch(checked):
        msg = (
            "The name of a field starts with a letter or digit and has no colon, semicolon, "
            "quotation mark or brace."
        )
        raise InvalidError(msg)
    if len(checked.encode()) > MOST_BYTES:
        msg = "The name of the field is too long. Please shorten it."
        raise InvalidError(msg)
    if re.sub(r"[\W_]+", "_", checked.lower()) in RESERVED:
        msg = f"Every donor has the field “{checked}” already. Choose another name."
        raise InvalidError(msg)
    return checked


def checked_choices(field_type: str, choices: Sequence[str]) -> tuple[str, ...]:
    """Return the choices of a field of this type; none unless it is "choice".

    Raises:
        InvalidError: the type is unknown, or a choice is too long or listed twice, or there are
            too many or none.
    """
    if field_type not in FIELD_TYPES:
        msg = f"The type of a field is one of {', '.join(FIELD_TYPES)}."
        raise InvalidError(msg)
    if field_type != "choice":
        return ()
    lines = (text.line(choice, "A choice", longest=LONGEST_CHOICE) for choice in choices)
    checked = tuple(line for line in lines if line)
    if not checked:
        msg = "Please write at least one choice, one a line."
        raise InvalidError(msg)
    if len(checked) > MOST_CHOICES:
        msg = f"A field may have {MOST_CHOICES} choices at most."
        raise InvalidError(msg)
    for index, choice in enumerate(checked):
        if choice.lower() in map(str.lower, checked[:index]):
            msg = f"The choice {choice} is there twice. Keep one of them."
            raise InvalidError(msg)
    return checked


def canonical_value(field: CustomField, value: str, *, mark: str | None = None) -> str:
    """Return a value as it is stored: a plain decimal number, an ISO date, true or false.

    `mark` is the decimal mark of numbers if it is known.

    Raises:
        InvalidError: the value is not of the field's type.
    """
    stored = _canonical(field, fold(value), mark)
    if stored is None:
        msg = f"{field.name}: “{fold(value)[:LONGEST_CHOICE]}” is not {expected_value(field)}."
        raise InvalidError(msg)
    return stored


def expected_value(field: CustomField) -> str:
    """Return what a value of the field has to be, for a message."""
    if field.type == "choice":
        return f"one of {', '.join(field.choices)}"
    return {
        "text": f"a text of 1 to {LONGEST_VALUE:,} characters",
        "number": "a number such as 1234.5",
        "date": "a date such as 2026-11-23",
        "yes-no": "yes or no",
    }[field.type]


def display_value(field: CustomField, value: str) -> str:
    """Return a stored value as screens and files show it; dates and numbers stay as stored."""
    return {"true": "Yes", "false": "No"}.get(value, value) if field.type == "yes-no" else value


def fits_field(field: CustomField, value: str) -> bool:
    """Return whether a value is of the field's type and in its stored form."""
    return _canonical(field, fold(value), None) == value


def refitted(field: CustomField, donors: Mapping[str, int]) -> dict[str, str]:
    """Return each existing value as it is stored in a field of this type.

    `donors` maps a value to the number of donors that have it.

    Raises:
        InvalidError: some do not fit; the message says how many donors have such a value.
    """
    stored = {value: _canonical(field, fold(value), None) for value in donors}
    unfit = [value for value, new in stored.items() if new is None]
    if unfit:
        having = sum(donors[value] for value in unfit)
        which = f"{count(having, 'donor')} {'has' if having == 1 else 'have'}"
        msg = (
            f"{which} a value in the field {field.name} that is not {expected_value(field)}, such "
            f"as “{min(unfit)[:LONGEST_CHOICE]}”. Correct these first."
        )
        raise InvalidError(msg)
    return {value: new for value, new in stored.items() if new is not None}


def _canonical(field: CustomField, value: str, mark: str | None) -> str | None:
    if field.type == "number":
        return _number(value, mark)
    if field.type == "date":
        return _day(value)
    if field.type == "yes-no":
        word = value.lower()
        return "true" if word in _YES else "false" if word in _NO else None
    if field.type == "choice":
        return next((each for each in field.choices if each.lower() == value.lower()), None)
    return value if 0 < len(value) <= LONGEST_VALUE else None


def _number(value: str, mark: str | None) -> str | None:
    """Return a number in plain notation; None if it is none, or can be read in two ways."""
    if len(value) > LONGEST_NUMBER:
        return None
    minus = value[:1] in tuple(number_notation.MINUS)
    digits = number_notation.without_blanks(value.lstrip("+" + number_notation.MINUS))
    readings = {_plain(digits, each) for each in mark or ".,"} - {None}
    if mark is None and _NUMBER.fullmatch(digits):
        readings = {_plain(digits, ".")}
    if len(value) - len(value.lstrip("+" + number_notation.MINUS)) > 1 or len(readings) != 1:
        return None
    (plain,) = readings
    return f"-{plain}" if minus and plain != "0" else plain


def _plain(digits: str, mark: str) -> str | None:
    """Return digits without groups and needless zeros, "." as the decimal mark; None if wrong."""
    plain = number_notation.plain_number(digits, mark) or ""
    if not _NUMBER.fullmatch(plain):
        return None
    whole, _, part = plain.partition(".")
    whole, part = whole.lstrip("0") or "0", part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def _day(value: str) -> str | None:
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        return None
    return None if day is None or not EARLIEST <= day <= LATEST else day.isoformat()
