"""Arrow-backed pandas columns: make them, choose between two, find distinct values, hash rows.

Every column of an import has one of these types, so that a missing cell is missing in each of
them, and has the index 0, 1, … of its table.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

TEXT = pd.ArrowDtype(pa.string())
WHOLE = pd.ArrowDtype(pa.int64())
DAY = pd.ArrowDtype(pa.date32())
FLAG = pd.ArrowDtype(pa.bool_())
# the number of each row's distinct value; -1 where the cell is missing
Codes: TypeAlias = NDArray[np.intp]


def text(cells: Iterable[str | None]) -> pd.Series:
    """Return a column of text; None is a missing cell."""
    return _series(pa.array(cells, pa.string()))


def repeated(cell: str, height: int) -> pd.Series:
    """Return a column of text with the same cell in each row."""
    return _series(pa.repeat(cell, height))


def missing(height: int, dtype: pd.ArrowDtype = TEXT) -> pd.Series:
    """Return a column in which each cell is missing."""
    return _series(pa.nulls(height, dtype.pyarrow_dtype))


def whole(numbers: ArrayLike, blank: NDArray[np.bool_] | None = None) -> pd.Series:
    """Return a column of whole numbers, missing where the mask says blank."""
    return _series(pa.array(np.asarray(numbers, dtype=np.int64), mask=blank))


def where(
    mask: pd.Series | NDArray[np.bool_],
    column: pd.Series | str | None,
    other: pd.Series | str | None,
) -> pd.Series:
    """Return the cells of `column` where the mask is true, and of `other` elsewhere.

    `Series.where` copies the column before it assigns, which takes ten times as long.
    """
    return _series(pc.if_else(pa.array(is_true(mask)), _arrow(column), _arrow(other)))


def with_cells(
    column: pd.Series, mask: NDArray[np.bool_], cells: Sequence[str | None] | pd.Series
) -> pd.Series:
    """Return a column with other cells, in their order, where the mask is true."""
    values = pa.array(cells, pa.string())
    return _series(pc.replace_with_mask(_arrow(column), pa.array(mask), values))


def is_true(mask: pd.Series | NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask in which missing values count as false."""
    if isinstance(mask, np.ndarray):
        return mask
    return np.asarray(mask.to_numpy(dtype=bool, na_value=False))


def positions(mask: pd.Series | NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the positions at which a mask is true."""
    return np.flatnonzero(is_true(mask))


def missing_if_blank(column: pd.Series) -> pd.Series:
    """Return a column of text in which blank cells are missing."""
    blank = column == ""
    return where(blank, None, column) if blank.any() else column


def taken(column: pd.Series, at: NDArray[np.intp]) -> pd.Series:
    """Return the cells at these positions as a column of their own; missing at position -1."""
    return pd.Series(column.array.take(at, allow_fill=True))


def listed(column: pd.Series) -> list[str | None]:
    """Return the cells of a column of text; None where they are missing."""
    cells: list[str | None] = pa.array(column).to_pylist()
    return cells


def distinct(column: pd.Series) -> tuple[Codes, pd.Series]:
    """Return (number of each row's value, distinct values): most columns repeat their values."""
    codes, values = pd.factorize(column)
    return np.asarray(codes, dtype=np.intp), pd.Series(values.array)


def coded(column: pd.Series) -> tuple[Codes, list[str]]:
    """Return (number of each row's value, distinct values as a list) of a column of text."""
    codes, values = distinct(column)
    return codes, pa.array(values).to_pylist()


def hashes(columns: Sequence[pd.Series]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row of text, number or date columns."""
    frame = pd.DataFrame(
        {
            position: column.astype(TEXT).fillna("").astype("str")
            for position, column in enumerate(columns)
        }
    )
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)


def _series(cells: pa.Array | pa.ChunkedArray) -> pd.Series:
    return pd.Series(pd.arrays.ArrowExtensionArray(cells))


def _arrow(column: pd.Series | str | None) -> pa.Array | pa.ChunkedArray | str | None:
    return column if column is None or isinstance(column, str) else pa.array(column)
