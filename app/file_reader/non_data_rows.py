"""Rows that look like data and are not: totals, help lines, trailers, repeated headers."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.file_reader.header import normal
from app.kit.errors import InvalidError

_TOTAL = r"(?i)^\s*(grand\s+|sub-?\s?|net\s+|report\s+)?totals?\b|^\s*sum\s*:?\s*$|^\s*check fee\b"
_TRAILER = re.compile(
    r"(?i)^\s*(#|-{3,}|={3,}|end of (file|report|export)|(report|export(ed)?|generated|printed|"
    r"created|downloaded)\b.*(\b(on|by|at|date)\b|:)|page \d|copyright|©|confidential|"
    r"\d[\d,.]* (rows?|records?|results?)|(rows?|records?|record count|row count)\s*:)"
)
_HELP = re.compile(
    r"(?i)^\s*[(\[]?(required|optional|mandatory|example|e\.?g\.?|cell options|can leave blank|"
    r"leave blank|instructions?|format\s*:|text|date \(|number \()[\w ,.:/()\]-]*$"
)
_FIRST_ROWS = 4
_SLICE = 10_000
MOST_LEFT_OUT = 20_000


def separate_rows(
    cells: pa.Table, rows: NDArray[np.int64], columns: Sequence[str]
) -> tuple[NDArray[np.bool_] | None, list[tuple[int, str]]]:
    """Return a mask of the data rows (None = all rows) and the reasons for the others."""
    if not len(rows):
        return None, []
    filled = np.zeros(len(rows), dtype=np.int16)
    for column in cells.columns:
        filled += _mask(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    keep = filled > 0
    suspects = filled <= max(1, len(columns) // 4)
    suspects[:_FIRST_ROWS] = True
    for column in cells.columns[:2]:
        suspects |= _mask(pc.match_substring_regex(column, _TOTAL))
    if columns[0]:
        suspects |= _mask(pc.equal(cells.column(0), columns[0]))
    positions = np.flatnonzero(suspects & keep)
    reasons = []
    for start in range(0, len(positions), _SLICE):
        indexes = positions[start : start + _SLICE]
        for index, row in zip(indexes, _rows(cells, indexes), strict=True):
            reason = _reason(row, columns, early=int(index) < _FIRST_ROWS)
            if reason is not None:
                keep[index] = False
                if reason:
                    reasons.append((int(rows[index]), reason))
        _refuse_too_many(reasons)
    return (None if keep.all() else keep), reasons


def _rows(cells: pa.Table, indexes: NDArray[np.intp]) -> list[list[str]]:
    """Return the cells of some rows."""
    return [list(map(str, row.values())) for row in cells.take(pa.array(indexes)).to_pylist()]


def _refuse_too_many(reasons: Sequence[tuple[int, str]]) -> None:
    if len(reasons) > MOST_LEFT_OUT:
        msg = (
            f"More than {MOST_LEFT_OUT:,} rows are not data, as row {reasons[-1][0]:,} "
            f"({reasons[-1][1]}). Remove them, then upload the file again."
        )
        raise InvalidError(msg)


def _mask(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = column.combine_chunks().to_numpy(zero_copy_only=False)
    return mask


def _reason(row: list[str], columns: Sequence[str], *, early: bool) -> str | None:
    """Return why a row is not data; "" for a blank row, None for a data row."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if not filled:
        return ""
    repeated = sum(
        1
        for cell, name in zip(row, columns, strict=False)
        if cell.strip() and normal(cell) == normal(name)
    )
    if repeated * 2 > len(filled) and len(filled) > 1:
        return "The header again"
    few = len(filled) * 2 <= len(columns) or len(filled) <= 1 < len(columns)
    if re.match(_TOTAL, filled[0]) and (few or _holes(row)):
        return "A totals row"
    helpful = sum(1 for cell in filled if _HELP.match(cell))
    if helpful and (helpful * 2 >= len(filled) or (early and helpful > 1)):
        return "A help row, not data"
    if few and len(columns) > 1 and _TRAILER.match(filled[0]):
        return "A line of the report, not data"
    return None


def _holes(row: list[str]) -> bool:
    """Return whether the row lacks cells that a data row would fill."""
    return sum(1 for cell in row if not cell.strip()) >= max(1, len(row) // 3)
