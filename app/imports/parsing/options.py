"""What is decided once per file: by the file itself, by the person, or by asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.imports.reading.table import Table
from app.imports.values.fields import KINDS
from app.kit import text
from app.kit.errors import InvalidError


class UndecidedError(InvalidError):
    """The file can be read in two ways; a person must say which."""

    def __init__(self, message: str, question: str, samples: tuple[str, ...]) -> None:
        super().__init__(message)
        self.question = question
        self.samples = samples


@dataclass(frozen=True, slots=True)
class Options:
    """The person's answers and the organisation's facts a reading depends on.

    `own_key` marks ids of our own exports; `repeats` lets identical rows without an id count as
    separate gifts; `owner_id` is who new donors belong to (None: nobody yet).
    """

    today: date
    currency: str
    own_key: str
    date_order: str | None = None
    decimal: str | None = None
    repeats: bool = False
    source: str = "file"
    owner_id: int | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    # field of a donor → fill, overwrite or keep, where a person chose another way
    policies: Mapping[str, str] = field(default_factory=dict)


def check(request: "Request") -> None:
    """Refuse what a person may not have said about a file.

    Raises:
        InvalidError: the name of the file, its kind, date order or decimal mark cannot be right.
    """
    text.line(request.file_name, "The name of the file")
    check_kind(request.kind)
    if request.date_order not in {None, "ymd", "mdy", "dmy"}:
        msg = "The date order is one of ymd, mdy and dmy."
        raise InvalidError(msg)
    if request.decimal not in {None, "point", "comma"}:
        msg = "The decimal mark is one of point and comma."
        raise InvalidError(msg)


def check_kind(kind: str | None) -> None:
    """Refuse a kind of file that does not exist; None is found in the file.

    Raises:
        InvalidError: choose one of the kinds.
    """
    if kind is not None and kind not in KINDS:
        msg = f"A file holds one of {', '.join(KINDS)}."
        raise InvalidError(msg)


@dataclass(frozen=True, slots=True)
class Request:
    """A file and what a person said about it; whatever is None is found in the file."""

    file_name: str
    data: bytes
    preset: str | None = None
    kind: str | None = None
    # header → field
    mapping: Mapping[str, str] | None = None
    date_order: str | None = None
    decimal: str | None = None
    # the e-mail of whom new donors belong to; an administrator's choice
    owner: str | None = None
    repeats: bool = False
    source: str = "file"
    # what the file's own words mean: field → word → ours ("" leaves the cell blank)
    words: Mapping[str, Mapping[str, str]] | None = None
    # whom unclear rows mean, see questions.Question
    people: Mapping[str, str] | None = None
    # encoding, separator, header (see reading.Reading), where they are not as found
    reading: Mapping[str, Any] | None = None
    # field of a donor → fill, overwrite or keep; the rest is done as the format does it
    policies: Mapping[str, str] | None = None
    # the file as a table, where it was read before (see looking.read_file)
    table: Table | None = None
