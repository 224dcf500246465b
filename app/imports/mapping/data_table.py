"""The rows of a file to import as a pandas DataFrame, with their places in the file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.file_reader.notes import Note
from app.file_reader.table import LeftOut, Table
from app.imports.values.arrays import repeated


@dataclass(frozen=True, slots=True)
class DataTable:
    """Rows of text cells with their headers.

    `cells` has one Arrow-backed column for each header, named by its position 0, 1, …, and the
    index 0, 1, …; `rows` holds the spreadsheet row number of each row; `ragged` maps the numbers
    of rows that have more cells than the header to their number of cells.
    """

    columns: tuple[str, ...]
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    left_out: tuple[LeftOut, ...] = ()
    ragged: Mapping[int, int] = field(default_factory=dict)
    # what was assumed while reading
    notes: tuple[Note, ...] = ()

    @classmethod
    def of(cls, table: Table) -> "DataTable":
        """Return the rows of a file that was read; the cells are not copied."""
        cells = table.cells.to_pandas(types_mapper=pd.ArrowDtype)
        cells.columns = pd.RangeIndex(len(table.columns))
        return cls(
            table.columns, cells, table.rows, table.left_out, table.ragged, notes=table.notes
        )

    @property
    def height(self) -> int:
        """The number of rows."""
        return len(self.rows)

    def column(self, index: int) -> pd.Series:
        """Return the cells of a column."""
        return self.cells[index]

    def trimmed(self, index: int | None) -> pd.Series:
        """Return the cells of a column without spaces around them; "" where it is None."""
        if index is None:
            return repeated("", self.height)
        cells = self.cells[index]
        trimmed = cells.str.strip()
        # a file seldom has such spaces: its cells are not held twice
        return cells if trimmed.equals(cells) else trimmed

    def with_column(self, cells: pd.Series, title: str = "") -> "DataTable":
        """Return the table with one more column, which is its last."""
        return self.with_columns([cells], [title])

    def with_columns(self, columns: Iterable[pd.Series], titles: Sequence[str]) -> "DataTable":
        """Return the table with more columns, which are its last ones."""
        cells = self.cells.copy(deep=False)
        for position, column in enumerate(columns, start=len(self.columns)):
            cells[position] = column
        return replace(self, columns=(*self.columns, *titles), cells=cells)

    def only(self, mask: NDArray[np.bool_], left_out: Iterable[LeftOut] = ()) -> "DataTable":
        """Return the rows of a mask; the others may be named with the reason, in order."""
        kept = self.take(np.flatnonzero(mask))
        every = sorted([*self.left_out, *left_out], key=lambda line: line.row)
        return replace(kept, left_out=tuple(every) if left_out else self.left_out)

    def take(self, at: NDArray[np.intp]) -> "DataTable":
        """Return the rows at these positions, each as often as it is named."""
        cells = self.cells.take(at).reset_index(drop=True)
        return replace(self, cells=cells, rows=self.rows[at])
