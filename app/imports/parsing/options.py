"""Options of parsing a file: detected from the file, or chosen by the user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.file_reader.table import Table
from app.imports.values.fields import KINDS
from app.kit import text
from app.kit.errors import InvalidError


class UndecidedError(InvalidError):
    """The file can be read in two ways; the user must choose one."""

    def __init__(self, message: str, question: str, samples: tuple[str, ...]) -> None:
        super().__init__(message)
        self.question = question
        self.samples = samples


@dataclass(frozen=True, slots=True)
class Options:
    """The user's answers and the organisation's settings that parsing depends on.

    `instance_id` marks ids of DonorCRM's own exports; `repeats` lets identical rows without an id
    count as separate gifts; `owner_id` is the owner of new donors (None: no owner yet).
    """

    today: date
    currency: str
    instance_id: str
    date_order: str | None = None
    decimal: str | None = None
    repeats: bool = False
    source: str = "file"
    owner_id: int | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    # donor field → fill, overwrite or keep, where the user overrides the format's policy
    policies: Mapping[str, str] = field(default_factory=dict)


def check(request: "ImportOptions") -> None:
    """Check the user's choices for a file.

    Raises:
        InvalidError: the file name, kind, date order or decimal mark is not valid.
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
    """Check the kind of a file; None means that it is detected from the file.

    Raises:
        InvalidError: it is not one of the kinds.
    """
    if kind is not None and kind not in KINDS:
        msg = f"A file holds one of {', '.join(KINDS)}."
        raise InvalidError(msg)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """A file and the user's choices for it; a choice of None is detected from the file."""

    file_name: str
    data: bytes
    preset: str | None = None
    kind: str | None = None
    # header → field
    mapping: Mapping[str, str] | None = None
    date_order: str | None = None
    decimal: str | None = None
    # the e-mail of the owner of new donors; only administrators may choose another user
    owner: str | None = None
    repeats: bool = False
    source: str = "file"
    # meanings of the file's values: field → value → the application's value ("" blanks the cell)
    words: Mapping[str, Mapping[str, str]] | None = None
    # donors meant by ambiguous rows, see ambiguous_donors.Question
    people: Mapping[str, str] | None = None
    # overrides of encoding, delimiter and header row, see read_options.Reading
    reading: Mapping[str, Any] | None = None
    # field → fill, overwrite or keep; other fields follow the format's policy
    policies: Mapping[str, str] | None = None
    # the file as a table, where it was read before (see inspection.read_file)
    table: Table | None = None
