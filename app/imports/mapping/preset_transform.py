"""Apply a preset to a file: compute fields from several columns, remove rows to skip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce

import numpy as np
import pandas as pd
import pyarrow as pa
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
from app.file_reader.table import LeftOut
from app.imports.mapping.additional_gifts import ZERO_AMOUNT, Credited, expand_gifts
from app.imports.mapping.data_table import DataTable
from app.imports.values import arrays
from app.imports.values.arrays import coded, is_true, taken, where
from app.imports.values.row_numbers import file_row

# amounts that are added up
_MONEY = pd.ArrowDtype(pa.decimal128(16, 2))
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

    table: DataTable
    columns: dict[str, int]
    donor_columns: dict[str, int]
    only: NDArray[np.bool_] | None
    # rows that give a soft credit to the donor of another row
    credited: tuple[Credited, ...] = ()


def apply_preset(table: DataTable, part: Part, columns: Mapping[str, int]) -> PresetTable:
    """Return the file transformed as its preset describes."""
    names = [normal(column) for column in table.columns]
    removed = _rows_to_skip(table, names, [skip for skip in part.skips if not skip.keeps_donor])
    table = table.only(*_without(table, removed)) if removed else table
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

    def __init__(self, table: DataTable, names: Sequence[str]) -> None:
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

    def _append(self, column: pd.Series, present: Sequence[str]) -> int:
        title = self.table.columns[self.names.index(present[0])] if present else ""
        self.table = self.table.with_column(column, title)
        return len(self.table.columns) - 1

    def column(self, value: ComputedValue) -> pd.Series:
        """Return the cells of a computed value, "" where a column is missing."""
        match value:
            case str():
                cells = _cells(self.table, self.names, value)
            case Fixed(text):
                cells = arrays.repeated(text, self.table.height)
            case First(of):
                filled = [arrays.missing_if_blank(self.column(part)) for part in of]
                cells = reduce(pd.Series.fillna, filled).fillna("")
            case Join(of, by):
                cells = reduce(partial(_join_cells, by=by), [self.column(part) for part in of])
            case When(header, words, then, unless):
                listed = _is_one_of(_cells(self.table, self.names, header), words)
                cells = where(listed != unless, self.column(then), "")
            case Unsigned(of):
                cells = self.column(of).str.replace("^[-−]", "", regex=True)
            case Sum(of):
                numbers = reduce(pd.Series.add, [_numbers(self.column(part)) for part in of])
                cells = numbers.astype(arrays.TEXT)
            case Listed(of):
                cells = self.column(of).str.replace(r"\s*,\s*", ";", regex=True)
            case Words(of, words):
                cells = translate(self.column(of), words)
        return cells


def _cells(table: DataTable, names: Sequence[str], header: str) -> pd.Series:
    return table.trimmed(list(names).index(header) if header in names else None)


def _join_cells(first: pd.Series, second: pd.Series, *, by: str) -> pd.Series:
    single = where(first == "", second, first)
    return where((first == "") | (second == ""), single, first + by + second)


def _numbers(column: pd.Series) -> pd.Series:
    plain = column.str.contains(r"^\d{1,12}(?:\.\d{1,2})?$")
    return where(plain, column, "0").astype(_MONEY)


def _is_one_of(column: pd.Series, words: frozenset[str]) -> NDArray[np.bool_]:
    return is_true(column.str.lower().isin(sorted(words)))


def translate(column: pd.Series, words: Mapping[str, str]) -> pd.Series:
    """Return a column with the words (lower case) replaced; unlisted values stay."""
    codes, values = coded(column)
    translated = [words.get(value.strip().lower(), value) for value in values]
    return taken(arrays.text(translated), codes)


def _rows_to_skip(table: DataTable, names: Sequence[str], skips: Sequence[Skip]) -> dict[int, str]:
    """Return the positions of the rows to skip, with the first reason for each."""
    reasons: dict[int, str] = {}
    for skip in skips:
        if skip.header and skip.header not in names:
            continue
        if skip.header:
            listed = _is_one_of(_cells(table, names, skip.header), skip.words)
            matches = listed != skip.unless
        else:
            blank = [is_true(_cells(table, names, header) == "") for header in skip.blank]
            matches = np.all(blank, axis=0)
        for position in np.flatnonzero(matches).tolist():
            reasons.setdefault(position, skip.reason)
    return reasons


def _without(
    table: DataTable, skipped: Mapping[int, str]
) -> tuple[NDArray[np.bool_], list[LeftOut]]:
    """Return a mask of the other rows, and the skipped rows with their reasons."""
    keep = np.ones(table.height, dtype=bool)
    keep[list(skipped)] = False
    rows = table.rows
    return keep, [LeftOut(int(rows[position]), reason) for position, reason in skipped.items()]


def _record_mask(
    table: DataTable, columns: Mapping[str, int], fields: Sequence[str], skipped: Mapping[int, str]
) -> NDArray[np.bool_]:
    """Return a mask of the rows in which all of the fields are filled."""
    mask = np.ones(table.height, dtype=bool)
    for field in fields:
        if field not in columns:
            mask[:] = False
        elif field == "amount":
            mask &= ~is_true(table.column(columns[field]).str.contains(ZERO_AMOUNT))
        else:
            mask &= is_true(table.trimmed(columns[field]) != "")
    mask[list(skipped)] = False
    return mask
