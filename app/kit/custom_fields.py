"""Custom fields of a donor, written one per line: "Birthday: 1 May"."""

from collections.abc import Mapping

from app.kit import text
from app.kit.errors import InvalidError
from app.kit.names import fold

MOST = 50
LONGEST_NAME = 60
LONGEST_VALUE = 2_000


def as_lines(values: Mapping[str, object]) -> str | None:
    """Format fields one per line, sorted by name; return None when there are none."""
    lines = [f"{name}: {fold(str(values[name]))}" for name in sorted(values, key=str.lower)]
    return "\n".join(lines) or None


def from_lines(lines: str | None) -> dict[str, str]:
    """Parse fields from lines.

    Raises:
        InvalidError: a line is not "Name: value", a name occurs twice, or there are too many or
            too long fields.
    """
    fields: dict[str, str] = {}
    for line in (lines or "").splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        name, value = fold(name), fold(value)
        if not (colon and name and value):
            msg = f"“{fold(line)}” is not a field. Write a name, a colon and what it says."
            raise InvalidError(msg)
        if name.lower() in map(str.lower, fields):
            msg = f"The field {name} is there twice. Keep one line of it."
            raise InvalidError(msg)
        fields[name] = value
    return checked(fields)


def changed_lines(lines: str | None, changes: Mapping[str, str | None]) -> str | None:
    """Return lines with the changed fields set, or removed where the new value is blank.

    Raises:
        InvalidError: a name is not valid, or one of `from_lines`.
    """
    values = {name.lower(): (name, value) for name, value in from_lines(lines).items()}
    for name, value in changes.items():
        if ":" in name or not fold(name):
            msg = f"“{fold(name)[:LONGEST_NAME]}” is not the name of a field."
            raise InvalidError(msg)
        values.pop(fold(name).lower(), None)
        if value and fold(value):
            values[fold(name).lower()] = (fold(name), fold(value))
    return as_lines(checked(dict(values.values())))


def checked(values: Mapping[str, str]) -> dict[str, str]:
    """Return the fields unchanged after checking their number and lengths.

    Raises:
        InvalidError: there are too many, or one is too long or holds characters that are not
            allowed.
    """
    if len(values) > MOST:
        msg = f"A donor may have {MOST} fields of your own at most."
        raise InvalidError(msg)
    for name, value in values.items():
        text.line(name, "The name of a field", longest=LONGEST_VALUE)
        text.note(value, "A field", longest=2 * LONGEST_VALUE)
        if len(name) > LONGEST_NAME or len(value) > LONGEST_VALUE:
            msg = (
                f"The field {name[:LONGEST_NAME]} is too long: a name has {LONGEST_NAME} "
                f"characters at most, what it says {LONGEST_VALUE:,}."
            )
            raise InvalidError(msg)
    return dict(values)


def name_of(header: str) -> str:
    """Return the field name for a column header."""
    return fold(header.replace(":", " "))[:LONGEST_NAME].strip()
