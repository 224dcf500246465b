"""The rows and columns selected for an export, as query parameters of a URL.

The URL comes from a browser and is not trusted: every name and value must be a known one, and
the packages select the rows within the actor's scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType

from app import donors, gifts, pledges
from app.accounts import Actor
from app.db import Session
from app.donors import DonorFilter
from app.exports.queries.datasets import TABLE
from app.gifts import GiftFilter
from app.kit.days import Span
from app.kit.errors import InvalidError
from app.pledges import PledgeFilter

# the API route of all files
FILES_URL = "/api/v1/files"
Filter = DonorFilter | GiftFilter | PledgeFilter
FILTERS: Mapping[str, type[Filter]] = MappingProxyType(
    {"donors": DonorFilter, "gifts": GiftFilter, "pledges": PledgeFilter}
)
UNKNOWN = (
    "This address asks for a column or a filter that does not exist. Go back to the list and"
    " export from there."
)
LONGEST = 300
LARGEST = 2**63
_PLEDGES = ("active", "paused", "completed", "cancelled")
# filter fields that accept only certain values
_WORDS = MappingProxyType(
    {
        ("donors", "statuses"): donors.STATUSES,
        ("donors", "kinds"): donors.KINDS,
        ("donors", "giving"): donors.GIVING,
        ("gifts", "method"): gifts.METHODS,
        ("pledges", "statuses"): _PLEDGES,
        ("pledges", "states"): pledges.STATES,
    }
)
_TYPED = {"query", "tag"}
_NUMBERS = {"donor_id", "owner_id", "fund_id"}
_YES_OR_NO = {"thanked", "recurring", "anonymous"}
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


WHOLE = ExportQuery()


def encode_query(asked: ExportQuery) -> list[tuple[str, str]]:
    """Return the selection as query parameters."""
    parts = [(_COLUMN, name) for name in asked.columns]
    for one in fields(asked.filter) if asked.filter else ():
        value = getattr(asked.filter, one.name)
        if isinstance(value, Span):
            parts += [("since", value.start.isoformat()), ("before", value.end.isoformat())]
        elif isinstance(value, bool):
            parts.append((one.name, "yes" if value else "no"))
        elif isinstance(value, tuple):
            parts += [(one.name, word) for word in value]
        elif value not in {None, ""}:
            parts.append((one.name, str(value)))
    return parts


def decode_query(kind: str, parts: Iterable[tuple[str, str]]) -> ExportQuery:
    """Parse query parameters into a selection.

    Raises:
        UnknownPartError: a parameter does not exist for this kind, or its value is unknown.
    """
    if kind not in TABLE:
        # an unknown kind raises an error later, when the file is written
        return WHOLE
    columns: list[str] = []
    given: dict[str, list[str]] = {}
    for name, value in parts:
        if len(value) > LONGEST or "\0" in value:
            raise UnknownPartError
        if name == _COLUMN:
            columns.append(value)
        else:
            given.setdefault(name, []).append(value)
    return ExportQuery(_filter(kind, given), checked_columns(kind, columns))


def checked_columns(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns in the order of the file, without duplicates.

    Raises:
        UnknownPartError: this kind has no such column, or allows no choice of columns.
    """
    wanted, known = set(names), TABLE[kind].columns if TABLE[kind].source else {}
    if wanted - set(known):
        raise UnknownPartError
    return tuple(name for name in known if name in wanted)


def rows(
    db: Session, actor: Actor, kind: str, asked: ExportQuery, *, today: date
) -> list[int] | None:
    """Return the ids of the rows in the actor's scope that match the filter; None means all.

    Raises:
        UnknownPartError: the filter belongs to another kind.
    """
    chosen = asked.filter
    if chosen is None:
        return None
    if not isinstance(chosen, FILTERS.get(kind, ())):
        raise UnknownPartError
    if isinstance(chosen, DonorFilter):
        return list(donors.chosen(db, actor, filter=chosen))
    if isinstance(chosen, GiftFilter):
        return list(gifts.chosen(db, actor, filter=chosen))
    return [
        one.pledge_id for one in pledges.pledge_statuses(db, actor, today=today, filter=chosen)
    ]


def _filter(kind: str, given: dict[str, list[str]]) -> Filter | None:
    if not given:
        return None
    made = FILTERS.get(kind)
    span = _span(given.pop("since", None), given.pop("before", None))
    values: dict[str, object] = {} if span is None else {"span": span}
    for name, words in given.items():
        values[name] = _value(kind, name, words)
    if made is None or set(values) - {one.name for one in fields(made)}:
        raise UnknownPartError
    return made(**values)  # type: ignore[arg-type]


def _value(kind: str, name: str, words: list[str]) -> object:
    known = _WORDS.get((kind, name))
    if known is not None and set(words) <= set(known):
        return _one(words) if name == "method" else tuple(words)
    word = _one(words)
    if name in _TYPED and known is None:
        return word
    if name in _NUMBERS and word.isascii() and word.isdigit() and int(word) < LARGEST:
        return int(word)
    if name in _YES_OR_NO and word in {"yes", "no"}:
        return word == "yes"
    raise UnknownPartError


def _one(words: list[str]) -> str:
    if len(words) != 1:
        raise UnknownPartError
    return words[0]


def _span(since: list[str] | None, before: list[str] | None) -> Span | None:
    if since is None and before is None:
        return None
    try:
        return Span(*(date.fromisoformat(_one(words or [])) for words in (since, before)))
    except ValueError:
        raise UnknownPartError from None
