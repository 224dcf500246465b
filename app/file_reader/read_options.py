"""User overrides for reading a file: encoding, delimiter, header row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.kit.errors import InvalidError

ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252, Western Europe",
    "latin-1": "Latin-1",
    "mac-roman": "Mac Roman",
    "cp1250": "Windows-1250, Central Europe",
    "iso8859-2": "Latin-2, Central Europe",
    "cp1251": "Windows-1251, Cyrillic",
    "koi8-r": "KOI8-R, Cyrillic",
    "cp1253": "Windows-1253, Greek",
    "cp1254": "Windows-1254, Turkish",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16, big end first",
}
SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
# the header must be among this many first rows
ROWS = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """The user's overrides for a file; a value of None is detected from the file.

    `header` is the row that names the columns, counted from 1; 0 means that there is none.
    """

    encoding: str | None = None
    separator: str | None = None
    header: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the overrides that are set, for storage with the import."""
        return {name: value for name, value in asdict(self).items() if value is not None}


AS_FOUND = Reading()


def checked(options: Mapping[str, Any] | None) -> Reading:
    """Return the validated overrides.

    Raises:
        InvalidError: a value is not one of the choices.
    """
    unknown = dict(options or {})
    encoding, separator = unknown.pop("encoding", None), unknown.pop("separator", None)
    header = unknown.pop("header", None)
    if encoding is not None and encoding not in ENCODINGS:
        msg = f"There is no encoding {encoding} to choose. There are: {', '.join(ENCODINGS)}."
        raise InvalidError(msg)
    if separator is not None and separator not in SEPARATORS:
        msg = "Columns can be separated by a comma, a semicolon, a tab or a bar."
        raise InvalidError(msg)
    if unknown or not (header is None or (type(header) is int and 0 <= header <= ROWS)):
        msg = f"The header can be one of the first {ROWS} rows, or 0 where there is none."
        raise InvalidError(msg)
    return Reading(encoding, separator, header)
