"""Apply a preset to a file: compute fields from several columns, remove rows to skip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.file_reader.header import normal
from app.file_reader.presets.preset import (
    First,
    Fixed,
    Join,
    Listed,
    Made,
    Part,
    Skip,
    Sum,
    Unsigned,
    When,
    Words,
    headers_of,
)
from app.file_reader.table import LeftOut, Table
from app.imports.mapping.additional_gifts import NOUGHT, Credited, widened
from app.imports.values.row_numbers import file_row

# fields by which a gift or pledge refers to its donor
_KNOWN_BY = {
    "external_id": "donor_external_id",
    "email": "email",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
}


@dataclass(frozen=True, slots=True)
class Shaped:
    """The table with computed columns appended, and the column index of each field.

    `only` is a mask of the rows that hold a record of the part's kind; the others describe only a
    donor.
    """

    table: Table
    columns: dict[str, int]
    donor_columns: dict[str, int]
    only: Any | None
    # rows that give a soft credit to the donor of another row
    credited: tuple[Credited, ...] = ()


def shaped(table: Table, part: Part, columns: Mapping[str, int]) -> Shaped:
    """Return the file transformed as its preset describes."""
    names = [normal(column) for column in table.columns]
    gone = _skipped(table, names, [one for one in part.skips if not one.person_stays])
    table = _without(table, gone) if gone else table
    make = _Maker(table, names)
    placed = dict(columns) | make.fields(part.made)
    donor = make.fields(part.donor)
    credited: tuple[Credited, ...] = ()
    if part.also:
        wide = widened(make.table, part, columns=placed, donor=donor, make=make.column)
        placed, donor, credited = wide.columns, wide.donor_columns, wide.credited
        make.table = wide.table
    for field, known in _KNOWN_BY.items():
        if field in donor:
            placed.setdefault(known, donor[field])
    out = _skipped(table, names, [one for one in part.skips if one.person_stays])
    if not (part.only_with or out):
        return Shaped(make.table, placed, donor, None, credited)
    only = _only(make.table, placed, part.only_with, out)
    rows = make.table.rows
    left = [LeftOut(file_row(int(rows[at])), reason) for at, reason in sorted(out.items())]
    full = replace(make.table, left_out=(*make.table.left_out, *left))
    return Shaped(full, placed, donor, only, credited)


class _Maker:
    """Appends computed columns to a table; a field that needs no computation keeps its column."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self.table = table
        self.names = names

    def fields(self, made: Mapping[str, Made]) -> dict[str, int]:
        """Return the column index of each field, except fields whose columns the file lacks."""
        found = {}
        for field, how in made.items():
            there = [name for name in self.names if name in headers_of(how)]
            if isinstance(how, str):
                if there:
                    found[field] = self.names.index(how)
            elif there or isinstance(how, Fixed):
                found[field] = self._append(self.column(how), there)
        return found

    def _append(self, column: Any, there: Sequence[str]) -> int:
        at = len(self.table.columns)
        title = self.table.columns[self.names.index(there[0])] if there else ""
        self.table = replace(
            self.table,
            columns=(*self.table.columns, title),
            cells=self.table.cells.append_column(str(at), column),
        )
        return at

    def column(self, how: Made) -> Any:
        """Return the cells of a computed value, "" where a column is missing."""
        match how:
            case str():
                made = _cells(self.table, self.names, how)
            case Fixed(text):
                made = pa.repeat(text, self.table.height)
            case First(of):
                filled = [_filled(self.column(one)) for one in of]
                made = pc.fill_null(pc.coalesce(*filled), "")
            case Join(of, by):
                made = reduce(partial(_behind, by=by), [self.column(one) for one in of])
            case When(header, words, then, unless):
                there = _is_one_of(_cells(self.table, self.names, header), words)
                there = pc.invert(there) if unless else there
                made = pc.if_else(there, self.column(then), "")
            case Unsigned(of):
                made = pc.replace_substring_regex(self.column(of), "^[-−]", "")
            case Sum(of):
                figures = reduce(pc.add, [_figures(self.column(one)) for one in of])
                made = pc.cast(figures, pa.string())
            case Listed(of):
                made = pc.replace_substring_regex(self.column(of), r"\s*,\s*", ";")
            case Words(of, words):
                made = in_words(self.column(of), words)
        return made


def _cells(table: Table, names: Sequence[str], header: str) -> Any:
    if header not in names:
        return pa.repeat("", table.height)
    column = table.cells.column(str(list(names).index(header))).combine_chunks()
    return pc.utf8_trim_whitespace(column)


def _behind(first: Any, second: Any, *, by: str) -> Any:
    # pyarrow's own join drops the rows in which everything is blank
    both = pc.binary_join_element_wise(first, second, by)
    one = pc.if_else(pc.equal(first, ""), second, first)
    either = pc.or_(pc.equal(first, ""), pc.equal(second, ""))
    return pc.if_else(either, one, both)


def _figures(column: Any) -> Any:
    plain = pc.match_substring_regex(column, r"^\d{1,12}(\.\d{1,2})?$")
    return pc.cast(pc.if_else(plain, column, "0"), pa.decimal128(16, 2))


def _filled(column: Any) -> Any:
    return pc.if_else(pc.equal(column, ""), None, column)


def _is_one_of(column: Any, words: frozenset[str]) -> Any:
    return pc.is_in(pc.utf8_lower(column), pa.array(sorted(words), pa.string()))


def in_words(column: Any, words: Mapping[str, str]) -> Any:
    """Return a column with the words (lower case) replaced; unlisted values stay."""
    coded = column.dictionary_encode()
    ours = [words.get(one.strip().lower(), one) for one in coded.dictionary.to_pylist()]
    return pa.array(ours, pa.string()).take(coded.indices)


def _skipped(table: Table, names: Sequence[str], skips: Sequence[Skip]) -> dict[int, str]:
    """Return the positions of the rows to skip, with the first reason for each."""
    found: dict[int, str] = {}
    for skip in skips:
        if skip.header and skip.header not in names:
            continue
        if skip.header:
            named = _is_one_of(_cells(table, names, skip.header), skip.words)
            hit = named.to_numpy(zero_copy_only=False) != skip.unless
        else:
            cells = [pc.equal(_cells(table, names, one), "") for one in skip.blank]
            hit = np.all([one.to_numpy(zero_copy_only=False) for one in cells], axis=0)
        for at in np.flatnonzero(hit).tolist():
            found.setdefault(at, skip.reason)
    return found


def _without(table: Table, out: Mapping[int, str]) -> Table:
    keep = np.ones(table.height, dtype=bool)
    keep[list(out)] = False
    left = [LeftOut(int(table.rows[at]), reason) for at, reason in sorted(out.items())]
    return replace(
        table,
        cells=table.cells.filter(pa.array(keep)),
        rows=table.rows[keep],
        left_out=(*table.left_out, *left),
    )


def _only(
    table: Table, columns: Mapping[str, int], fields: Sequence[str], out: Mapping[int, str]
) -> Any:
    """Return a mask of the rows in which all of the fields are filled."""
    only = np.ones(table.height, dtype=bool)
    for field in fields:
        cells = (
            table.cells.column(str(columns[field])).combine_chunks() if field in columns else None
        )
        if cells is None:
            only[:] = False
        elif field == "amount":
            only &= ~pc.match_substring_regex(cells, NOUGHT).to_numpy(zero_copy_only=False)
        else:
            blank = pc.equal(pc.utf8_trim_whitespace(cells), "")
            only &= ~blank.to_numpy(zero_copy_only=False)
    only[list(out)] = False
    return only
