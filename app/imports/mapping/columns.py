"""Suggest a field for each column of a file that no preset recognises."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

from app.file_reader.header import normal
from app.imports.mapping import content_detection
from app.imports.mapping.data_table import DataTable
from app.imports.mapping.saved_mappings import FittingMapping, MappingVersion, carried_over
from app.imports.values import currencies
from app.imports.values.fields import CUSTOM_PREFIX, FIELDS, KINDS, missing
from app.imports.values.records.field import Field
from app.kit.errors import InvalidError
from app.kit.formatting import count

# whether a column's cells may be what a field holds: (field, header spelling, column index)
Plausible = Callable[[Field, str, int], bool]


def guess_kind(columns: Sequence[str], plausible: Plausible | None = None) -> str:
    """Guess the kind of a file's rows from the fields that its headers suggest."""
    if not missing("pledges", set(guess(columns, "pledges", plausible))):
        return "pledges"
    gifts = guess(columns, "gifts", plausible)
    if "amount" in gifts and "gift_date" in gifts:
        return "gifts"
    donors = guess(columns, "donors", plausible)
    funds = [normal(column) for column in columns]
    if any(name.startswith("fund") for name in funds) and not {"email", "last_name"} & set(donors):
        return "funds"
    return "donors"


def guess(columns: Sequence[str], kind: str, plausible: Plausible | None = None) -> dict[str, int]:
    """Return field → column index for the headers that match a field's known spellings.

    A currency in the header does not count ("Amount (EUR)"); a column is passed over when its
    cells are not `plausible` for the field.
    """
    indexes: dict[str, int] = {}
    for index, column in reversed(list(enumerate(columns))):
        indexes |= dict.fromkeys(_spellings(column), index)
    columns_of_fields: dict[str, int] = {}
    ranked = sorted(
        (rank, indexes[word], place, word)
        for place, field in enumerate(FIELDS[kind])
        for rank, word in enumerate(field.words)
        if word in indexes
    )
    for _rank, index, place, word in ranked:
        field = FIELDS[kind][place]
        if (
            field.name not in columns_of_fields
            and index not in columns_of_fields.values()
            and (plausible is None or plausible(field, word, index))
        ):
            columns_of_fields[field.name] = index
    return columns_of_fields


def _spellings(column: str) -> tuple[str, ...]:
    """Return a header's spellings: without what is in parentheses, without its currency, as it is.

    "Date (UTC)" is a date; "Amount (net)" is not the amount that was given.
    """
    bare = re.sub(r"\s*\((?!net\b)[^()]*\)\s*$", "", column, flags=re.IGNORECASE)
    return normal(bare), normal(currencies.of_header(column)[0]), normal(column)


def _settle_names(table: DataTable, columns: dict[str, int]) -> dict[str, int]:
    """Return the columns with "Name" as the last name if there is a column of first names too.

    "Nom" and "Prénom" are a family name and a first name: most cells under "Nom" are one word, and
    not the first name. Otherwise "Name" is the whole name.
    """
    if not {"name", "first_name"} <= set(columns) or "last_name" in columns:
        return columns
    whole = content_detection.share_containing(table, columns["name"], columns["first_name"])
    one_word = content_detection.share_of_one_word(table, columns["name"])
    if whole >= content_detection.HALF or one_word < content_detection.HALF:
        return columns
    settled = {name: index for name, index in columns.items() if name != "name"}
    return settled | {"last_name": columns["name"]}


def suggest_columns(table: DataTable, kind: str | None) -> tuple[str, dict[str, int]]:
    """Return (kind, field → column index), guessed by header and then by content."""
    plausible = content_detection.plausible(table)
    by_headers = guess_kind(table.columns, plausible)
    chosen = kind
    if chosen is None and not guess(table.columns, by_headers, plausible):
        chosen = content_detection.guess_kind(table)
    chosen = chosen or by_headers
    guessed = guess(table.columns, chosen, plausible)
    guessed |= content_detection.detect_fields(table, chosen, guessed)
    return chosen, _settle_names(table, guessed)


# headers of days that a list of donors has as well
_DAYS_OF_ANYTHING = frozenset(
    {"created", "created_at", "created_date", "created_on", "day", "timestamp", "datetime"}
)


def kind_question(kind: str, aside: Sequence[str]) -> str:
    """Return the question what the rows are, if their kind would leave money or dates aside."""
    named = " and ".join(f"“{header}”" for header in aside)
    return (
        f"The file looks like one of {kind}, and {named} would be left aside. Say what each "
        "row is; if it is a gift, it needs an amount and a date."
    )


def money_aside(table: DataTable, kind: str, used: Mapping[str, int]) -> tuple[str, ...]:
    """Return the headers of unused columns that hold the amounts or days of gifts.

    There are none in a file of gifts or pledges, whose rows are about money.
    """
    if kind not in {"donors", "funds"}:
        return ()
    plausible = content_detection.plausible(table)
    gifts = guess(table.columns, "gifts", plausible)
    if "gift_date" in gifts and normal(table.columns[gifts["gift_date"]]) in _DAYS_OF_ANYTHING:
        del gifts["gift_date"]
    rest = {name: gifts[name] for name in ("amount", "gift_date") if name in gifts}
    by_content = content_detection.detect_fields(table, "gifts", used)
    rest |= {name: by_content[name] for name in ("amount",) if name in by_content}
    return tuple(
        table.columns[index] for index in sorted(rest.values()) if index not in used.values()
    )


Words = Mapping[str, Mapping[str, str]]
# kind, header → field, meanings of unknown values: as the user chose them last
Draft = tuple[str, Mapping[str, str], Words]


def suggest(
    table: DataTable,
    kind: str | None,
    draft: Draft | None,
    fit: FittingMapping | None = None,
    version: MappingVersion | None = None,
) -> tuple[str, dict[str, str], Words]:
    """Return (kind, header → field, meanings of unknown values).

    Uses the user's draft for these headers, else a version of a saved mapping, by default the
    newest; columns that are then still open are guessed by header, then by content.
    """
    columns = table.columns
    chosen_kind, guessed = suggest_columns(table, kind or (draft[0] if draft else None))
    words = draft[2] if draft else {}
    if draft and draft[0] == chosen_kind and draft[1]:
        return chosen_kind, dict(draft[1]), words
    if fit and kind in {None, fit.saved.kind}:
        version = version or fit.latest
        mapping = mapping_of_version(table, fit.saved.kind, version, fit.new)
        return fit.saved.kind, mapping, words or version.words
    return chosen_kind, {columns[index]: name for name, index in guessed.items()}, words


def mapping_of_version(
    table: DataTable, kind: str, version: MappingVersion, new: Sequence[str]
) -> dict[str, str]:
    """Return header → field as in a saved version; only columns new since then are guessed."""
    mapping = carried_over(version, table.columns)
    if not new:
        return mapping
    used = set(mapping.values())
    _, guessed = suggest_columns(table, kind)
    for name, index in guessed.items():
        if table.columns[index] in new and name not in used:
            mapping[table.columns[index]] = name
    return mapping


def columns_of(columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Convert a saved mapping (header → field) to field → column index of this file."""
    by_name = {normal(header): field for header, field in mapping.items() if field}
    return {
        _field_key(by_name[normal(column)], column): index
        for index, column in reversed(list(enumerate(columns)))
        if normal(column) in by_name
    }


def _field_key(field: str, column: str) -> str:
    # any number of columns may be custom fields
    return f"{CUSTOM_PREFIX}{column}" if field == "custom" else field


def header_key(columns: Sequence[str]) -> str:
    """Return a hash of the header names, whatever their order, as the key of a layout."""
    return hashlib.sha256("\n".join(sorted(map(normal, columns))).encode()).hexdigest()


def require_fields(kind: str, names: set[str], headers: Sequence[str]) -> None:
    """Check that every required field of a kind has a column.

    Raises:
        InvalidError: one has none; the message names it and the headers.
    """
    lacking = missing(kind, names)
    if lacking:
        msg = f"No column says the {lacking[0]} ({kind}). The file has: {header_list(headers)}."
        raise InvalidError(msg)


def header_list(columns: Sequence[str]) -> str:
    """Return the first headers of a file and how many more there are, for a message."""
    named = [column for column in columns if column]
    rest = f" and {count(len(named) - 12, 'more column')}" if len(named) > 12 else ""  # noqa: PLR2004
    return ", ".join(named[:12]) + rest


def kinds() -> tuple[str, ...]:
    """Return the kinds of rows that a file may hold."""
    return KINDS
