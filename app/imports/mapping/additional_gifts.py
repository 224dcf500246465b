"""Expand rows that contain several gifts into one row per gift, appended to the table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.file_reader.presets.preset import AdditionalGift, ComputedValue, Part
from app.imports.mapping.data_table import DataTable
from app.imports.values import arrays
from app.imports.values.arrays import is_true, taken
from app.imports.values.row_numbers import COPY, file_row

ZERO_AMOUNT = r"^[^1-9]*$"
Fields: TypeAlias = dict[str, pd.Series]
# compute a column from the file's cells
Make: TypeAlias = Callable[[ComputedValue], pd.Series]


@dataclass(frozen=True, slots=True)
class Credited:
    """A row whose gift gives a soft credit of this kind to the donor of another row."""

    row: int
    kind: str
    person_row: int


@dataclass(frozen=True, slots=True)
class ExpandedTable:
    """A table with one row per gift, the column of each field, and the soft credits."""

    table: DataTable
    columns: dict[str, int]
    donor_columns: dict[str, int]
    credited: tuple[Credited, ...]


def expand_gifts(
    table: DataTable,
    part: Part,
    *,
    columns: Mapping[str, int],
    donor: Mapping[str, int],
    make: Make,
) -> ExpandedTable:
    """Append the rows' additional gifts to the table.

    `make` computes a column from the file's cells.
    """
    first = _GiftRows(
        {name: table.trimmed(index) for name, index in columns.items()},
        {name: table.trimmed(index) for name, index in donor.items()},
    )
    pieces = [(np.arange(table.height), first)]
    credited: list[Credited] = []
    for number, gift in enumerate(part.additional, start=1):
        added = _additional_rows(first, gift, make)
        positions = np.flatnonzero(~is_true(added.gift["amount"].str.contains(ZERO_AMOUNT)))
        pieces.append((positions + COPY * number, added.take(positions)))
        if gift.credits:
            rows = table.rows[positions].tolist()
            credited += [Credited(row + COPY * number, gift.credits, row) for row in rows]
    return _append_rows(table, columns, donor, pieces, tuple(credited))


@dataclass(frozen=True, slots=True)
class _GiftRows:
    """The columns of some rows: those of the gift, and those of its donor."""

    gift: Fields
    donor: Fields

    def take(self, positions: NDArray[np.intp]) -> "_GiftRows":
        return _GiftRows(
            {name: taken(column, positions) for name, column in self.gift.items()},
            {name: taken(column, positions) for name, column in self.donor.items()},
        )


def _additional_rows(first: _GiftRows, additional: AdditionalGift, make: Make) -> _GiftRows:
    gift_columns = first.gift | {name: make(value) for name, value in additional.computed.items()}
    if not additional.donor:
        return _GiftRows(gift_columns, first.donor)
    blank = arrays.repeated("", len(gift_columns["amount"]))
    donor_columns = dict.fromkeys(first.donor, blank) | {
        name: make(value) for name, value in additional.donor.items()
    }
    return _GiftRows(gift_columns, donor_columns)


def _append_rows(
    table: DataTable,
    columns: Mapping[str, int],
    donor: Mapping[str, int],
    pieces: Sequence[tuple[NDArray[np.intp], _GiftRows]],
    credited: tuple[Credited, ...],
) -> ExpandedTable:
    positions = np.concatenate([rows % COPY for rows, _ in pieces])
    placed: list[dict[str, int]] = []
    added: list[pd.Series] = []
    titles: list[str] = []
    for part, columns_of_part in (("gift", columns), ("donor", donor)):
        column_of: dict[str, int] = {}
        names = dict.fromkeys(name for _, piece in pieces for name in getattr(piece, part))
        for name in names:
            chunks = [
                getattr(piece, part).get(name, arrays.repeated("", len(rows)))
                for rows, piece in pieces
            ]
            column_of[name] = len(table.columns) + len(titles)
            titles.append(table.columns[columns_of_part[name]] if name in columns_of_part else "")
            added.append(pd.concat(chunks, ignore_index=True))
        placed.append(column_of)
    copies = np.concatenate([rows // COPY * COPY for rows, _ in pieces])
    rows = table.rows[positions] + copies
    ragged = (
        {}
        if not table.ragged
        else {
            row: table.ragged[file_row(row)]
            for row in rows.tolist()
            if file_row(row) in table.ragged
        }
    )
    expanded = replace(table.take(positions), rows=rows, ragged=ragged)
    expanded = expanded.with_columns(added, titles)
    return ExpandedTable(expanded, placed[0], placed[1], credited)
