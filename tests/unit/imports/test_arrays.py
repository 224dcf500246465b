"""Arrow-backed columns answer as lists of Python values would."""

from datetime import date

import hypothesis.strategies as st
import numpy as np
import pandas as pd
from hypothesis import given

from app.imports.mapping.data_table import DataTable
from app.imports.values import arrays

CELL = st.none() | st.text("aé 1", max_size=3)
COLUMN = st.lists(CELL, max_size=12)


@given(st.lists(st.tuples(st.sampled_from([True, False, None]), CELL, CELL), max_size=12))
def test_cells_of_one_column_or_the_other(
    rows: list[tuple[bool | None, str | None, str | None]],
) -> None:
    mask = pd.Series([row[0] for row in rows], dtype=arrays.FLAG)
    column = arrays.text(cell for _, cell, _ in rows)
    other = arrays.text(cell for _, _, cell in rows)
    assert arrays.listed(arrays.where(mask, column, other)) == [
        row[1] if row[0] else row[2] for row in rows
    ]
    assert arrays.listed(arrays.where(mask, None, column)) == [
        None if row[0] else row[1] for row in rows
    ]
    assert arrays.positions(mask).tolist() == [i for i, row in enumerate(rows) if row[0]]


@given(COLUMN)
def test_distinct_values_and_their_rows(cells: list[str | None]) -> None:
    column = arrays.text(cells)
    codes, words = arrays.coded(column)
    assert words == list(dict.fromkeys(cell for cell in cells if cell is not None))
    assert arrays.listed(arrays.taken(arrays.text(words), codes)) == cells
    assert arrays.listed(arrays.missing_if_blank(column)) == [cell or None for cell in cells]


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=3)), max_size=12))
def test_new_cells_at_the_places_of_a_mask(rows: list[tuple[bool, str]]) -> None:
    mask = np.array([row[0] for row in rows], dtype=bool)
    column = arrays.repeated("old", len(rows))
    new = [row[1] for row in rows if row[0]]
    assert arrays.listed(arrays.with_cells(column, mask, new)) == [
        row[1] if row[0] else "old" for row in rows
    ]


def test_a_row_keeps_its_hash_from_version_to_version() -> None:
    # ids of rows without an id of their own are made of it and stored with their gifts
    days = [date(2026, 1, 2), None, date(1999, 12, 31), date(2020, 2, 29)]
    columns = [
        arrays.text(["Ada Stone", "", None, "Zoë"]),
        arrays.whole([1200, -5, 0, 0], np.array([False, False, True, False])),
        pd.Series(days, dtype=arrays.DAY),
    ]
    assert arrays.hashes(columns).tolist() == [
        11359773963581669429,
        8720745471829064651,
        3706229418793018759,
        15967445376878255151,
    ]


@given(st.lists(st.tuples(CELL.map(lambda cell: cell or ""), st.booleans()), max_size=9))
def test_rows_keep_their_places_in_the_file(rows: list[tuple[str, bool]]) -> None:
    cells = pd.DataFrame({0: arrays.text(row[0] for row in rows)})
    table = DataTable(("Name",), cells, np.arange(2, len(rows) + 2))
    mask = np.array([row[1] for row in rows], dtype=bool)
    added = table.with_column(arrays.text(f"{row[0]}!" for row in rows), "Call").only(mask)
    kept = [(place, row[0]) for place, row in enumerate(rows, start=2) if row[1]]
    assert list(zip(added.rows.tolist(), arrays.listed(added.column(0)), strict=True)) == kept
    assert arrays.listed(added.column(1)) == [f"{cell}!" for _, cell in kept]
    assert added.columns == ("Name", "Call")
    assert arrays.listed(added.trimmed(0)) == [cell.strip() for _, cell in kept]
    assert arrays.listed(added.trimmed(None)) == [""] * len(kept)
