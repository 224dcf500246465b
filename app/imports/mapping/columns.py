"""Suggest a field for each column of a file that no preset recognises."""

import hashlib
from collections.abc import Mapping, Sequence

from app.file_reader.header import normal
from app.file_reader.table import Table
from app.imports.mapping import content_detection
from app.imports.mapping.saved_layouts import Earlier, KnownLayout, carried_over
from app.imports.values.fields import CUSTOM_PREFIX, FIELDS, KINDS, missing


def guess_kind(columns: Sequence[str]) -> str:
    """Guess the kind of a file's rows from the fields that its headers suggest."""
    if not missing("pledges", set(guess(columns, "pledges"))):
        return "pledges"
    gifts = guess(columns, "gifts")
    if "amount" in gifts and "gift_date" in gifts:
        return "gifts"
    donors = guess(columns, "donors")
    funds = [normal(column) for column in columns]
    if any(name.startswith("fund") for name in funds) and not {"email", "last_name"} & set(donors):
        return "funds"
    return "donors"


def guess(columns: Sequence[str], kind: str) -> dict[str, int]:
    """Return field → column index for the headers that match a field's known spellings."""
    names = [normal(column) for column in columns]
    columns_of_fields: dict[str, int] = {}
    ranked = sorted(
        (rank, names.index(word), field.name)
        for field in FIELDS[kind]
        for rank, word in enumerate(field.words)
        if word in names
    )
    for _rank, index, field_name in ranked:
        if field_name not in columns_of_fields and index not in columns_of_fields.values():
            columns_of_fields[field_name] = index
    return columns_of_fields


Words = Mapping[str, Mapping[str, str]]


def suggest(
    table: Table,
    kind: str | None,
    saved: tuple[str, Mapping[str, str], Words] | None,
    earlier: Earlier | None = None,
) -> tuple[str, dict[str, str], Words]:
    """Return (kind, header → field, meanings of unknown values).

    Uses the user's saved mapping for these headers, else the layout of a similar file saved by
    any user; columns that are then still open are guessed by header, then by content.
    """
    columns = table.columns
    by_headers = guess_kind(columns)
    if kind is None and saved is None and not guess(columns, by_headers):
        kind = content_detection.guess_kind(table)
    chosen_kind = kind or (saved[0] if saved else by_headers)
    words = saved[2] if saved else {}
    if saved and saved[0] == chosen_kind and saved[1]:
        return chosen_kind, dict(saved[1]), words
    if earlier and kind in {None, earlier.latest.kind}:
        return (
            earlier.latest.kind,
            mapping_of_layout(table, earlier.latest, earlier.new),
            words or earlier.latest.words,
        )
    guessed = guess(columns, chosen_kind)
    guessed |= content_detection.detect_fields(table, chosen_kind, guessed)
    return chosen_kind, {columns[index]: name for name, index in guessed.items()}, words


def mapping_of_layout(table: Table, layout: KnownLayout, new: Sequence[str]) -> dict[str, str]:
    """Return header → field as in a saved layout; only columns new since then are guessed."""
    mapping = carried_over(layout, table.columns)
    used = set(mapping.values())
    guessed = guess(table.columns, layout.kind)
    guessed |= content_detection.detect_fields(table, layout.kind, guessed)
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


def kinds() -> tuple[str, ...]:
    """Return the kinds of rows that a file may hold."""
    return KINDS
