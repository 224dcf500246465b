"""Expand rows that contain several gifts into one row per gift, appended to the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.file_reader.presets.preset import Also, Made, Part
from app.file_reader.table import Table
from app.imports.values.row_numbers import COPY, file_row

NOUGHT = r"^[^1-9]*$"
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credited:
    """A row whose gift gives a soft credit of this kind to the donor of another row."""

    row: int
    kind: str
    person_row: int


@dataclass(frozen=True, slots=True)
class Widened:
    """A table with one row per gift, the column of each field, and the soft credits."""

    table: Table
    columns: dict[str, int]
    donor_columns: dict[str, int]
    credited: tuple[Credited, ...]


def widened(
    table: Table,
    part: Part,
    *,
    columns: Mapping[str, int],
    donor: Mapping[str, int],
    make: Callable[[Made], Any],
) -> Widened:
    """Append the rows' additional gifts to the table.

    `make` computes a column from the file's cells.
    """
    told = _Told(
        {name: _column(table, at) for name, at in columns.items()},
        {name: _column(table, at) for name, at in donor.items()},
    )
    pieces = [(np.arange(table.height), told)]
    credited: list[Credited] = []
    for number, also in enumerate(part.also, start=1):
        second = _second(told, also, make)
        there = pc.invert(pc.match_substring_regex(second.gift["amount"], NOUGHT))
        at = np.flatnonzero(there.to_numpy(zero_copy_only=False))
        pieces.append((at + COPY * number, second.take(at)))
        if also.credits:
            rows = table.rows[at].tolist()
            credited += [Credited(row + COPY * number, also.credits, row) for row in rows]
    return _below(table, columns, donor, pieces, tuple(credited))


@dataclass(frozen=True, slots=True)
class _Told:
    """The columns of some rows: those of the gift, and those of its donor."""

    gift: Fields
    donor: Fields

    def take(self, at: Any) -> "_Told":
        rows = pa.array(at)
        return _Told(
            {name: column.take(rows) for name, column in self.gift.items()},
            {name: column.take(rows) for name, column in self.donor.items()},
        )


def _second(first: _Told, also: Also, make: Callable[[Made], Any]) -> _Told:
    gift = first.gift | {name: make(how) for name, how in also.made.items()}
    if not also.donor:
        return _Told(gift, first.donor)
    blank = pc.if_else(pc.equal(gift["amount"], ""), "", "")
    donor = dict.fromkeys(first.donor, blank) | {n: make(how) for n, how in also.donor.items()}
    return _Told(gift, donor)


def _below(
    table: Table,
    columns: Mapping[str, int],
    donor: Mapping[str, int],
    pieces: list[tuple[Any, _Told]],
    credited: tuple[Credited, ...],
) -> Widened:
    at = np.concatenate([rows % COPY for rows, _ in pieces])
    cells, titles = table.cells.take(pa.array(at)), list(table.columns)
    placed = []
    for which, known in (("gift", columns), ("donor", donor)):
        found: dict[str, int] = {}
        names = dict.fromkeys(name for _, told in pieces for name in getattr(told, which))
        for name in names:
            whole = [
                getattr(told, which).get(name, pa.array([""] * len(rows), pa.string()))
                for rows, told in pieces
            ]
            found[name] = len(titles)
            titles.append(table.columns[known[name]] if name in known else "")
            cells = cells.append_column(str(found[name]), pa.concat_arrays(whole))
        placed.append(found)
    copies = np.concatenate([rows // COPY * COPY for rows, _ in pieces])
    rows = table.rows[at] + copies
    wide = (
        {}
        if not table.ragged
        else {
            row: table.ragged[file_row(row)]
            for row in rows.tolist()
            if file_row(row) in table.ragged
        }
    )
    made = replace(table, columns=tuple(titles), cells=cells, rows=rows, ragged=wide)
    return Widened(made, placed[0], placed[1], credited)


def _column(table: Table, at: int) -> Any:
    return pc.utf8_trim_whitespace(table.cells.column(str(at)).combine_chunks())
