"""Apply a preset to a file: compute fields from several columns, remove rows to skip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.file_reader.header import normal
from app.file_reader.presets.preset import (
    ComputedValue,
    First,
    Fixed,
    Join,
    Listed,
    Part,
    Skip,
    Sum,
    Unsigned,
    When,
    Words,
    headers_of,
)
from app.file_reader.table import LeftOut, Table
from app.imports.mapping.additional_gifts import ZERO_AMOUNT, Credited, expand_gifts
from app.imports.values.row_numbers import file_row

# fields by which a gift or pledge refers to its donor
_DONOR_REFERENCES = {
    "external_id": "donor_external_id",
    "email": "email",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
}


@dataclass(frozen=True, slots=True)
class PresetTable:
    """The table with computed columns appended, and the column index of each field.

    `only` is a mask of the rows that hold a record of the part's kind; the others describe only a
    donor.
    """

    table: Table
    columns: dict[str, int]
    donor_columns: dict[str, int]
    only: NDArray[np.bool_] | None
    # rows that give a soft credit to the donor of another row
    credited: tuple[Credited, ...] = ()


def apply_preset(table: Table, part: Part, columns: Mapping[str, int]) -> PresetTable:
    """Return the file transformed as its preset describes."""
    names = [normal(column) for column in table.columns]
    removed = _rows_to_skip(table, names, [skip for skip in part.skips if not skip.keeps_donor])
    table = _without_rows(table, removed) if removed else table
    builder = _ColumnBuilder(table, names)
    placed = dict(columns) | builder.fields(part.computed)
    donor = builder.fields(part.donor)
    credited: tuple[Credited, ...] = ()
    if part.additional:
        expanded = expand_gifts(
            builder.table, part, columns=placed, donor=donor, make=builder.column
        )
        placed, donor, credited = expanded.columns, expanded.donor_columns, expanded.credited
        builder.table = expanded.table
    for field, reference in _DONOR_REFERENCES.items():
        if field in donor:
            placed.setdefault(reference, donor[field])
    skipped = _rows_to_skip(table, names, [skip for skip in part.skips if skip.keeps_donor])
    if not (part.only_with or skipped):
        return PresetTable(builder.table, placed, donor, None, credited)
    only = _record_mask(builder.table, placed, part.only_with, skipped)
    rows = builder.table.rows
    left_out = [
        LeftOut(file_row(int(rows[position])), reason)
        for position, reason in sorted(skipped.items())
    ]
    complete = replace(builder.table, left_out=(*builder.table.left_out, *left_out))
    return PresetTable(complete, placed, donor, only, credited)


class _ColumnBuilder:
    """Appends computed columns to a table; a field that needs no computation keeps its column."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self.table = table
        self.names = names

    def fields(self, values: Mapping[str, ComputedValue]) -> dict[str, int]:
        """Return the column index of each field, except fields whose columns the file lacks."""
        columns = {}
        for field, value in values.items():
            present = [name for name in self.names if name in headers_of(value)]
            if isinstance(value, str):
                if present:
                    columns[field] = self.names.index(value)
            elif present or isinstance(value, Fixed):
                columns[field] = self._append(self.column(value), present)
        return columns

    def _append(self, column: pa.Array, present: Sequence[str]) -> int:
        index = len(self.table.columns)
        title = self.table.columns[self.names.index(present[0])] if present else ""
        self.table = replace(
            self.table,
            columns=(*self.table.columns, title),
            cells=self.table.cells.append_column(str(index), column),
        )
        return index

    def column(self, value: ComputedValue) -> pa.Array:
        """Return the cells of a computed value, "" where a column is missing."""
        match value:
            case str():
                cells = _cells(self.table, self.names, value)
            case Fixed(text):
                cells = pa.repeat(text, self.table.height)
            case First(of):
                filled = [_blank_as_null(self.column(part)) for part in of]
                cells = pc.fill_null(pc.coalesce(*filled), "")
            case Join(of, by):
                cells = reduce(partial(_join_cells, by=by), [self.column(part) for part in of])
            case When(header, words, then, unless):
                listed = _is_one_of(_cells(self.table, self.names, header), words)
                listed = pc.invert(listed) if unless else listed
                cells = pc.if_else(listed, self.column(then), "")
            case Unsigned(of):
                cells = pc.replace_substring_regex(self.column(of), "^[-−]", "")
            case Sum(of):
                numbers = reduce(pc.add, [_numbers(self.column(part)) for part in of])
                cells = pc.cast(numbers, pa.string())
            case Listed(of):
                cells = pc.replace_substring_regex(self.column(of), r"\s*,\s*", ";")
            case Words(of, words):
                cells = translate(self.column(of), words)
        return cells


def _cells(table: Table, names: Sequence[str], header: str) -> pa.Array:
    if header not in names:
        return pa.repeat("", table.height)
    column = table.cells.column(str(list(names).index(header))).combine_chunks()
    return pc.utf8_trim_whitespace(column)


def _join_cells(first: pa.Array, second: pa.Array, *, by: str) -> pa.Array:
    # pyarrow's own join drops the rows in which everything is blank
    both = pc.binary_join_element_wise(first, second, by)
    single = pc.if_else(pc.equal(first, ""), second, first)
    either = pc.or_(pc.equal(first, ""), pc.equal(second, ""))
    return pc.if_else(either, single, both)


def _numbers(column: pa.Array) -> pa.Array:
    plain = pc.match_substring_regex(column, r"^\d{1,12}(\.\d{1,2})?$")
    return pc.cast(pc.if_else(plain, column, "0"), pa.decimal128(16, 2))


def _blank_as_null(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), None, column)


def _is_one_of(column: pa.Array, words: frozenset[str]) -> pa.BooleanArray:
    return pc.is_in(pc.utf8_lower(column), pa.array(sorted(words), pa.string()))


def translate(column: pa.Array, words: Mapping[str, str]) -> pa.Array:
    """Return a column with the words (lower case) replaced; unlisted values stay."""
    encoded = column.dictionary_encode()
    translated = [
        words.get(value.strip().lower(), value) for value in encoded.dictionary.to_pylist()
    ]
    return pa.array(translated, pa.string()).take(encoded.indices)


def _rows_to_skip(table: Table, names: Sequence[str], skips: Sequence[Skip]) -> dict[int, str]:
    """Return the positions of the rows to skip, with the first reason for each."""
    reasons: dict[int, str] = {}
    for skip in skips:
        if skip.header and skip.header not in names:
            continue
        if skip.header:
            listed = _is_one_of(_cells(table, names, skip.header), skip.words)
            matches = listed.to_numpy(zero_copy_only=False) != skip.unless
        else:
            blank = [pc.equal(_cells(table, names, header), "") for header in skip.blank]
            matches = np.all([mask.to_numpy(zero_copy_only=False) for mask in blank], axis=0)
        for position in np.flatnonzero(matches).tolist():
            reasons.setdefault(position, skip.reason)
    return reasons


def _without_rows(table: Table, skipped: Mapping[int, str]) -> Table:
    keep = np.ones(table.height, dtype=bool)
    keep[list(skipped)] = False
    left_out = [
        LeftOut(int(table.rows[position]), reason) for position, reason in sorted(skipped.items())
    ]
    return replace(
        table,
        cells=table.cells.filter(pa.array(keep)),
        rows=table.rows[keep],
        left_out=(*table.left_out, *left_out),
    )


def _record_mask(
    table: Table, columns: Mapping[str, int], fields: Sequence[str], skipped: Mapping[int, str]
) -> NDArray[np.bool_]:
    """Return a mask of the rows in which all of the fields are filled."""
    mask = np.ones(table.height, dtype=bool)
    for field in fields:
        cells = (
            table.cells.column(str(columns[field])).combine_chunks() if field in columns else None
        )
        if cells is None:
            mask[:] = False
        elif field == "amount":
            mask &= ~pc.match_substring_regex(cells, ZERO_AMOUNT).to_numpy(zero_copy_only=False)
        else:
            blank = pc.equal(pc.utf8_trim_whitespace(cells), "")
            mask &= ~blank.to_numpy(zero_copy_only=False)
    mask[list(skipped)] = False
    return mask
