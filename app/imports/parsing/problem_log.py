"""Collect the problems of rows: refused rows, and notes about rows that are imported."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from app.imports.mapping.data_table import DataTable
from app.imports.values.problems import Problem, RowProblem


class ProblemLog:
    """The problems of a table's rows; `bad` is a mask of the rows that are not imported."""

    def __init__(self, table: DataTable, columns: Mapping[str, int]) -> None:
        """Collect the problems of a table whose fields are in these columns."""
        self.table = table
        self.columns = columns
        self.bad = np.zeros(table.height, dtype=bool)
        self.problems: list[RowProblem] = []

    def header(self, name: str) -> str:
        """Return the field's header as written in the file."""
        return self.table.columns[self.columns[name]] if name in self.columns else name

    def refuse(
        self,
        positions: ArrayLike,
        field: str,
        problem: Problem | Callable[[int], Problem],
        action: str = "error",
    ) -> None:
        """Add a problem to the rows at these positions; a function gets the row's position."""
        self.note(positions, field, problem, action)
        self.bad[np.asarray(positions, dtype=np.int64)] = True

    def leave_empty(
        self, positions: ArrayLike, field: str, problem: Problem | Callable[[int], Problem]
    ) -> None:
        """Note that these cells cannot be read; their rows are imported without them."""
        self.note(positions, field, problem, "empty")

    def note(
        self,
        positions: ArrayLike,
        field: str,
        problem: Problem | Callable[[int], Problem],
        action: str = "note",
    ) -> None:
        """Add a note about the rows at these positions, which are imported."""
        for index in np.asarray(positions, dtype=np.int64).tolist():
            row_problem = problem if isinstance(problem, Problem) else problem(index)
            self.note_row(int(self.table.rows[index]), self.header(field), row_problem, action)

    def note_row(self, row: int, header: str, problem: Problem, action: str = "note") -> None:
        """Add a note about a row, which need not be one of the table."""
        self.problems.append(RowProblem(row, header, problem, action))
