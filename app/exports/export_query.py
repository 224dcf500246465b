"""The rows and columns selected for an export, as query parameters of a URL.

The URL comes from a browser and is not trusted: every name and value must be a known one, and
the packages select the rows within the actor's scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from app import donors, gifts, pledges
from app.accounts import IMPORT_ROWS, Actor
from app.db import Session
from app.donors import DonorFilter
from app.exports.queries.datasets import TABLE
from app.gifts import GiftFilter
from app.insights import DashboardFilter, Period
from app.kit.dates.days import Span
from app.kit.errors import InvalidError
from app.pledges import PledgeFilter

# the API route of all files
FILES_URL = "/api/v1/files"
RowFilter = DonorFilter | GiftFilter | PledgeFilter
Filter = RowFilter | DashboardFilter
FILTERS: Mapping[str, type[Filter]] = MappingProxyType(
    {
        "donors": DonorFilter,
        "gifts": GiftFilter,
        "pledges": PledgeFilter,
        "figures": DashboardFilter,
    }
)
# the kinds whose rows are counted by person or household, own gifts or soft credits
COUNTED: Mapping[str, type[DonorFilter | DashboardFilter]] = MappingProxyType(
    {"donors": DonorFilter, "figures": DashboardFilter}
)
_UNIT_WORDS = {donors.Unit.HOUSEHOLD: "by household"}
_CREDIT_WORDS = {
    donors.Credit.SOFT: "soft credits only",
    donors.Credit.BOTH: "with soft credits",
}
UNKNOWN = (
    "This address asks for a column or a filter that does not exist. Go back to the list and"
    " export from there."
)
LONGEST = 300
# conditions as text
LONGEST_WHERE = 4_000
LARGEST = 2**63
_PLEDGES = ("active", "paused", "completed", "cancelled")
# filter fields that accept only certain values
_CHOICES = MappingProxyType(
    {
        ("donors", "statuses"): donors.STATUSES,
        ("donors", "kinds"): donors.KINDS,
        ("donors", "giving"): donors.GIVING,
        ("donors", "unit"): tuple(donors.Unit),
        ("donors", "credit"): tuple(donors.Credit),
        ("figures", "period"): tuple(Period),
        ("figures", "unit"): tuple(donors.Unit),
        ("figures", "credit"): tuple(donors.Credit),
        ("gifts", "method"): gifts.METHODS,
        ("pledges", "statuses"): _PLEDGES,
        ("pledges", "states"): pledges.STATES,
        **{(kind, "import_rows"): IMPORT_ROWS for kind in ("donors", "gifts", "pledges")},
    }
)
_TEXTS = {"query", "tag", "custom_field", "custom_value", "where"}
_NUMBERS = {"donor_id", "owner_id", "fund_id", "campaign_id", "import_id", "team_of", "segment_id"}
# fields with one value of several choices
_SINGLE = {"method", "import_rows", "unit", "credit", "period"}
# the values of these are enumerations
_ENUMERATIONS: Mapping[str, type[StrEnum]] = {
    "unit": donors.Unit,
    "credit": donors.Credit,
    "period": Period,
}
_YES_OR_NO = {"thanked", "recurring", "anonymous", "living", "awaiting_rate"}
_COLUMN = "column"


class UnknownPartError(InvalidError):
    """A query parameter does not exist for this kind of export, or its value is unknown."""

    def __init__(self) -> None:
        super().__init__(UNKNOWN)


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """The selected rows (by filter) and columns; by default all of them."""

    filter: Filter | None = None
    columns: tuple[str, ...] = ()


EVERYTHING = ExportQuery()


def counting_query(kind: str, unit: donors.Unit, credit: donors.Credit) -> ExportQuery:
    """Return the selection of all rows of donors or figures, counted in this way.

    Raises:
        InvalidError: files of another kind are always by person, with own gifts.
    """
    if (unit, credit) == (donors.Unit.PERSON, donors.Credit.HARD):
        return EVERYTHING
    if kind not in COUNTED:
        msg = f"A file of {kind} has no choice of household or soft credits: leave both out."
        raise InvalidError(msg)
    return ExportQuery(COUNTED[kind](unit=unit, credit=credit))


def counting_words(query: ExportQuery) -> list[str]:
    """Return how a file counts donors, if not by person with own gifts."""
    if not isinstance(query.filter, DonorFilter | DashboardFilter):
        return []
    words = (_UNIT_WORDS.get(query.filter.unit), _CREDIT_WORDS.get(query.filter.credit))
    return [word for word in words if word]


def encode_query(query: ExportQuery) -> list[tuple[str, str]]:
    """Return the selection as query parameters."""
    parts = [(_COLUMN, name) for name in query.columns]
    for field in fields(query.filter) if query.filter else ():
        value = getattr(query.filter, field.name)
        if isinstance(value, Span):
            parts += [("since", value.start.isoformat()), ("before", value.end.isoformat())]
        elif isinstance(value, bool):
            parts.append((field.name, "yes" if value else "no"))
        elif isinstance(value, tuple):
            parts += [(field.name, choice) for choice in value]
        elif value not in {None, "", field.default}:
            parts.append((field.name, str(value)))
    return parts


def decode_query(kind: str, parts: Iterable[tuple[str, str]]) -> ExportQuery:
    """Parse query parameters into a selection.

    Raises:
        UnknownPartError: a parameter does not exist for this kind, or its value is unknown.
    """
    if kind not in TABLE:
        # an unknown kind raises an error later, when the file is written
        return EVERYTHING
    columns: list[str] = []
    parameters: dict[str, list[str]] = {}
    for name, value in parts:
        if len(value) > (LONGEST_WHERE if name == "where" else LONGEST) or "\0" in value:
            raise UnknownPartError
        if name == _COLUMN:
            columns.append(value)
        else:
            parameters.setdefault(name, []).append(value)
    return ExportQuery(_filter(kind, parameters), checked_columns(kind, columns))


def checked_columns(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns in the order of the file, without duplicates.

    Raises:
        UnknownPartError: this kind has no such column, or allows no choice of columns.
    """
    selected, available = set(names), TABLE[kind].columns if TABLE[kind].source else {}
    if selected - set(available):
        raise UnknownPartError
    return tuple(name for name in available if name in selected)


def rows(
    db: Session, actor: Actor, kind: str, query: ExportQuery, *, today: date
) -> list[int] | None:
    """Return the ids of the rows in the actor's scope that match the filter; None means all.

    The figures have no ids: their filter chooses what they are computed from.

    Raises:
        UnknownPartError: the filter belongs to another kind.
    """
    row_filter = query.filter
    if row_filter is None:
        return None
    if not isinstance(row_filter, FILTERS.get(kind, ())):
        raise UnknownPartError
    if isinstance(row_filter, DonorFilter):
        return list(donors.filtered_ids(db, actor, filter=row_filter, today=today))
    if isinstance(row_filter, GiftFilter):
        return list(gifts.filtered_ids(db, actor, filter=row_filter))
    if isinstance(row_filter, DashboardFilter):
        return None
    return [
        line.pledge_id
        for line in pledges.pledge_statuses(db, actor, today=today, filter=row_filter)
    ]


def _filter(kind: str, parameters: dict[str, list[str]]) -> Filter | None:
    if not parameters:
        return None
    filter_type = FILTERS.get(kind)
    span = _span(parameters.pop("since", None), parameters.pop("before", None))
    values: dict[str, object] = {} if span is None else {"span": span}
    for name, texts in parameters.items():
        values[name] = _value(kind, name, texts)
    if filter_type is None or set(values) - {field.name for field in fields(filter_type)}:
        raise UnknownPartError
    return filter_type(**values)  # type: ignore[arg-type]


def _value(kind: str, name: str, texts: list[str]) -> object:
    choices = _CHOICES.get((kind, name))
    if choices is not None and set(texts) <= set(choices):
        if name in _ENUMERATIONS:
            return _ENUMERATIONS[name](_single(texts))
        return _single(texts) if name in _SINGLE else tuple(texts)
    text = _single(texts)
    if name in _TEXTS and choices is None:
        return text
    if name in _NUMBERS and text.isascii() and text.isdigit() and int(text) < LARGEST:
        return int(text)
    if name in _YES_OR_NO and text in {"yes", "no"}:
        return text == "yes"
    raise UnknownPartError


def _single(texts: list[str]) -> str:
    if len(texts) != 1:
        raise UnknownPartError
    return texts[0]


def _span(since: list[str] | None, before: list[str] | None) -> Span | None:
    if since is None and before is None:
        return None
    try:
        return Span(*(date.fromisoformat(_single(texts or [])) for texts in (since, before)))
    except ValueError:
        raise UnknownPartError from None
