"""How a file is read where a person knows better: its letters, its columns, its header."""

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
# rows among which the header may be
ROWS = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person said of a file; whatever is None is found in it.

    `header` is the row that names the columns, counted from 1; 0 says that there is none.
    """

    encoding: str | None = None
    separator: str | None = None
    header: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what was said, to keep it with the import."""
        return {name: value for name, value in asdict(self).items() if value is not None}


AS_FOUND = Reading()


def checked(said: Mapping[str, Any] | None) -> Reading:
    """Return what a person said.

    Raises:
        InvalidError: it is none of what there is to choose.
    """
    told = dict(said or {})
    encoding, separator = told.pop("encoding", None), told.pop("separator", None)
    header = told.pop("header", None)
    if encoding is not None and encoding not in ENCODINGS:
        msg = f"There is no encoding {encoding} to choose. There are: {', '.join(ENCODINGS)}."
        raise InvalidError(msg)
    if separator is not None and separator not in SEPARATORS:
        msg = "Columns can be separated by a comma, a semicolon, a tab or a bar."
        raise InvalidError(msg)
    if told or not (header is None or (type(header) is int and 0 <= header <= ROWS)):
        msg = f"The header can be one of the first {ROWS} rows, or 0 where there is none."
        raise InvalidError(msg)
    return Reading(encoding, separator, header)
