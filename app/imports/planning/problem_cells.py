"""The cells that the problems of rows are about, as they are in the file."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.imports.mapping.data_table import DataTable
from app.imports.planning.plan import Plan
from app.imports.values.arrays import listed, taken
from app.imports.values.problems import RowProblem

# characters of a cell that are kept; enough to find it in the file
LONGEST = 60


def with_cells(plan: Plan, table: DataTable) -> Plan:
    """Return the plan with the shortened cell of each problem and note.

    `table` has the file's own columns first. A problem of the row as a whole has no cell.
    """
    parts = (
        replace(
            part, problems=_with_cells(part.problems, table), notes=_with_cells(part.notes, table)
        )
        for part in plan.parts
    )
    return replace(plan, parts=tuple(parts))


def _with_cells(problems: Sequence[RowProblem], table: DataTable) -> tuple[RowProblem, ...]:
    # a computed column has the header of the first one that it was made of
    columns = {name: number for number, name in reversed(list(enumerate(table.columns)))}
    numbers = np.array([problem.row for problem in problems], dtype=np.int64)
    positions = np.minimum(np.searchsorted(table.rows, numbers), table.height - 1)
    is_row = table.rows[positions] == numbers
    cells = [""] * len(problems)
    for name in {problem.field for problem in problems} & columns.keys():
        indexes = [
            index
            for index, problem in enumerate(problems)
            if problem.field == name and is_row[index]
        ]
        values = listed(taken(table.column(columns[name]), positions[indexes]))
        for index, value in zip(indexes, values, strict=True):
            cells[index] = _shortened(value or "")
    return tuple(
        replace(problem, cell=cell) for problem, cell in zip(problems, cells, strict=True)
    )


def _shortened(cell: str) -> str:
    return cell if len(cell) <= LONGEST else cell[: LONGEST - 1] + "…"
