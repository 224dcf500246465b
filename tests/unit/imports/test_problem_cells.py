"""The cells beside the problems of rows."""

import numpy as np
import pandas as pd

from app.imports.mapping.data_table import DataTable
from app.imports.planning.plan import Part, Plan
from app.imports.planning.problem_cells import LONGEST, with_cells
from app.imports.values.arrays import text
from app.imports.values.problems import Problem, RowProblem


def table(columns: dict[str, list[str]], rows: list[int]) -> DataTable:
    cells = pd.DataFrame({number: text(cells) for number, cells in enumerate(columns.values())})
    numbers = np.array(rows, dtype=np.int64)
    return DataTable(tuple(columns), cells, numbers)


def cells_of(problems: list[RowProblem], file: DataTable) -> list[str]:
    part = Part(
        "gifts", 1, 0, 0, 0, 0, 1, {}, None, None, problems=tuple(problems), notes=tuple(problems)
    )
    plan = with_cells(Plan("mapping", "gifts", (part,), ()), file)
    assert plan.main.notes == plan.main.problems
    return [problem.cell for problem in plan.main.problems]


def problem(row: int, field: str) -> RowProblem:
    return RowProblem(row, field, Problem("amount_missing"))


def test_each_problem_has_the_cell_of_its_row_and_column() -> None:
    file = table({"Name": ["Ann", "Bo", "Cy"], "Sum": ["ten", "", "=1+1"]}, [2, 5, 9])
    problems = [problem(9, "Sum"), problem(2, "Sum"), problem(5, "Name"), problem(5, "Sum")]
    assert cells_of(problems, file) == ["=1+1", "ten", "Bo", ""]


def test_a_problem_of_another_row_or_of_no_column_has_no_cell() -> None:
    file = table({"Sum": ["ten"]}, [2])
    problems = [problem(1, "Sum"), problem(3, "Sum"), problem(2, "donor"), problem(2, "Sum")]
    assert cells_of(problems, file) == ["", "", "", "ten"]
    assert cells_of([], file) == []


def test_a_long_cell_is_shortened() -> None:
    file = table({"Note": ["x" * LONGEST, "y" * (LONGEST + 1)]}, [2, 3])
    exact, longer = cells_of([problem(2, "Note"), problem(3, "Note")], file)
    assert exact == "x" * LONGEST
    assert (len(longer), longer[-2:]) == (LONGEST, "y…")
