"""The request to import a file: the file, and the user's choices for reading and matching it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.file_reader import read_options
from app.file_reader.table import Table
from app.imports.planning import ambiguous_donors, update_policy
from app.imports.values import choices
from app.imports.values.currencies import CURRENCIES
from app.imports.values.fields import KINDS
from app.kit import text
from app.kit.errors import InvalidError

DATE_ORDERS = ("ymd", "mdy", "dmy")
DECIMALS = ("point", "comma")
METHODS = choices.options("method")
# choices that are stored with a run, so that its file can be planned again
_STORED = (
    "preset",
    "kind",
    "mapping",
    "saved_mapping",
    "date_order",
    "decimal",
    "repeats",
    "source",
    "words",
    "people",
    "policies",
    "reading",
    "currency",
    "fund",
    "method",
)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file and the user's choices for it, valid once constructed.

    A choice of None is detected from the file.

    Attributes:
        file_name: the name of the uploaded file, without a folder.
        data: the bytes of the file, as uploaded.
        preset: the name of a file format, or "mapping" for columns that the user maps.
        kind: what a row describes: donors, gifts or another of `KINDS`.
        mapping: header of a column → field.
        saved_mapping: the id of the saved mapping that `mapping` was taken from.
        date_order: the order of day (d), month (m) and year (y): ymd, mdy or dmy.
        decimal: the decimal mark: point or comma.
        owner: the e-mail of the owner of new donors; only administrators may choose another user.
        repeats: whether identical rows without an id are separate gifts.
        source: the name of the system that the file's ids come from.
        words: field → value in the file → the application's value ("" leaves the cell empty).
        people: the donors meant by ambiguous rows, see `ambiguous_donors.Question`.
        policies: field → fill, overwrite or keep; other fields follow the format's policy.
        reading: overrides of the encoding, the separator and the number of the header row, counted
            from 1 (0: none), and of the sheet of a workbook, see `read_options.Reading`.
        currency: of amounts that do not name theirs; None: the organisation's.
        fund: the name of the fund of rows that name none.
        method: the method of payments that name none.
        table: what `read_file` returned for the same data and `reading`; None: read it again.

    Raises:
        InvalidError: a choice is not valid.
    """

    file_name: str
    data: bytes = field(repr=False)
    preset: str | None = None
    kind: str | None = None
    mapping: Mapping[str, str] | None = None
    date_order: str | None = None
    decimal: str | None = None
    owner: str | None = None
    repeats: bool = False
    source: str = "file"
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[str, str | int] = field(default_factory=dict)
    currency: str | None = None
    fund: str | None = None
    method: str | None = None
    table: Table | None = field(default=None, repr=False)
    saved_mapping: int | None = None

    def __post_init__(self) -> None:
        """Check every choice, and copy the mappings."""
        text.line(self.file_name, "The name of the file")
        check_kind(self.kind)
        if self.date_order is not None and self.date_order not in DATE_ORDERS:
            msg = "The date order is one of ymd, mdy and dmy."
            raise InvalidError(msg)
        _check_defaults(self.currency, self.method)
        text.line(self.fund or "", "The name of the fund")
        if self.decimal is not None and self.decimal not in DECIMALS:
            msg = "The decimal mark is one of point and comma."
            raise InvalidError(msg)
        text.storable(self.owner or "", "The e-mail of the owner")
        text.line(self.source, "The name of the source")
        copies: dict[str, Mapping[str, object] | None] = {
            "mapping": dict(self.mapping) if self.mapping else None,
            "words": {name: dict(meanings) for name, meanings in self.words.items()},
            "people": ambiguous_donors.checked_answers(self.people),
            "policies": update_policy.checked_policies(self.policies),
            "reading": read_options.checked(self.reading).as_json(),
        }
        for name, copy in copies.items():
            object.__setattr__(self, name, copy)

    def as_json(self) -> dict[str, Any]:
        """Return the choices to store with the run; the owner is stored by id."""
        return {name: getattr(self, name) for name in _STORED}


def _check_defaults(currency: str | None, method: str | None) -> None:
    """Check the user's choices for rows that do not say it themselves.

    Raises:
        InvalidError: a choice is none of those that there are.
    """
    if currency is not None and currency not in CURRENCIES:
        msg = f"{currency} is not a currency we know."
        raise InvalidError(msg)
    if method is not None and method not in METHODS:
        msg = f"The method is one of {choices.allowed('method')}."
        raise InvalidError(msg)


def stored_request(file_name: str, data: bytes, options: Mapping[str, Any]) -> ImportRequest:
    """Return the request of a run from its stored file and options.

    Raises:
        InvalidError: a stored choice is no longer valid.
    """
    stored = {name: options[name] for name in _STORED if options.get(name) is not None}
    return ImportRequest(file_name, data, **stored)


def check_kind(kind: str | None) -> None:
    """Check the kind of a file; None means that it is detected from the file.

    Raises:
        InvalidError: it is not one of the kinds.
    """
    if kind is not None and kind not in KINDS:
        msg = f"A file holds one of {', '.join(KINDS)}."
        raise InvalidError(msg)
