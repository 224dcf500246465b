"""User overrides for reading a file: encoding, delimiter, header row."""

import codecs
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
    "cp1257": "Windows-1257, Baltic",
    "cp1251": "Windows-1251, Cyrillic",
    "koi8-r": "KOI8-R, Cyrillic",
    "cp1253": "Windows-1253, Greek",
    "cp1254": "Windows-1254, Turkish",
    "cp1255": "Windows-1255, Hebrew",
    "cp1256": "Windows-1256, Arabic",
    "cp850": "DOS (850), Western Europe",
    "cp866": "DOS (866), Cyrillic",
    "mac-latin2": "Mac, Central Europe",
    "mac-cyrillic": "Mac, Cyrillic",
    "cp874": "Windows-874, Thai",
    "cp932": "Shift-JIS, Japanese",
    "euc_jp": "EUC-JP, Japanese",
    "gb18030": "GB18030, simplified Chinese",
    "big5": "Big5, traditional Chinese",
    "cp949": "EUC-KR, Korean",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16, big end first",
}
# other names of these encodings, as `codecs` spells them
_SAME = {"shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030"}
SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
# the header must be among this many first rows
ROWS = 40
MAX_SHEET_NAME = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """The user's overrides for a file; a value of None is detected from the file.

    `header` is the row that names the columns, counted from 1; 0 means that there is none.
    `sheet` is the name of a workbook's sheet.
    """

    encoding: str | None = None
    separator: str | None = None
    header: int | None = None
    sheet: str | None = None

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
    header, sheet = unknown.pop("header", None), unknown.pop("sheet", None)
    encoding = _known_name(encoding) if isinstance(encoding, str) else encoding
    if encoding is not None and encoding not in ENCODINGS:
        msg = f"There is no encoding {encoding} to choose. There are: {', '.join(ENCODINGS)}."
        raise InvalidError(msg)
    if separator is not None and separator not in SEPARATORS:
        msg = "Columns can be separated by a comma, a semicolon, a tab or a bar."
        raise InvalidError(msg)
    if sheet is not None and not (isinstance(sheet, str) and 0 < len(sheet) <= MAX_SHEET_NAME):
        msg = "A sheet is chosen by its name."
        raise InvalidError(msg)
    if unknown or not (header is None or (type(header) is int and 0 <= header <= ROWS)):
        msg = f"The header can be one of the first {ROWS} rows, or 0 where there is none."
        raise InvalidError(msg)
    return Reading(encoding, separator, header, sheet)


def _known_name(encoding: str) -> str:
    """Return the name used here for an encoding: "Shift-JIS" and "sjis" are cp932."""
    if encoding in ENCODINGS:
        return encoding
    try:
        codec = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        return encoding
    names = {codecs.lookup(name).name: name for name in ENCODINGS} | _SAME
    return names.get(codec, encoding)
