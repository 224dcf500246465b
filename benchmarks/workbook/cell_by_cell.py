"""The baseline: a CSV file becomes a workbook with XlsxWriter's own functions, cell by cell.

Run as a program, it takes the same argument as `app/workbook_writer/worker.py`.
"""

import csv
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.workbook_writer.cell_types import Holds
from app.workbook_writer.worker import NICE

MOST_DIGITS = 15
FIRST_DAY = date(1900, 3, 1)
DECIMALS = {0: "#,##0", 2: "#,##0.00", 3: "#,##0.000"}
WIDTHS = {
    Holds.EITHER: 14,
    Holds.WORD: 14,
    Holds.TEXT: 26,
    Holds.MONEY: 14,
    Holds.DAY: 12,
    Holds.NUMBER: 10,
}
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def fill(table: Path, target: Path, holds: Sequence[Holds], *, name: str, days: str) -> None:
    """Convert a CSV file to a workbook with one sheet; neither is ever entirely in memory."""
    book = Workbook(str(target), {"constant_memory": True, "tmpdir": str(target.parent)})
    with table.open(encoding="utf-8", newline="") as cells:
        _fill(book, name, holds, csv.reader(cells), days)
    book.close()


def _fill(
    book: Workbook, name: str, holds: Sequence[Holds], cells: Iterator[list[str]], days: str
) -> None:
    sheet = book.add_worksheet(name.capitalize())
    writer = _CellWriter(book, sheet, days)
    for index, cell_type in enumerate(holds):
        sheet.set_column(index, index, WIDTHS[cell_type])
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for index, header in enumerate(next(cells)):
        sheet.write_string(0, index, header, bold)
    for row, line in enumerate(cells, 1):
        for index, cell in enumerate(line):
            if cell:
                writer.cell(row, index, cell, holds[index])


class _CellWriter:
    """Writer of cells by their type."""

    def __init__(self, book: Workbook, sheet: Worksheet, days: str) -> None:
        self._sheet = sheet
        self._day = book.add_format({"num_format": days.lower().replace("/", r"\/")})
        self._money = {
            digits: book.add_format({"num_format": form}) for digits, form in DECIMALS.items()
        }

    def cell(self, row: int, column: int, cell: str, holds: Holds) -> None:
        if holds is Holds.DAY and (day := date.fromisoformat(cell)) >= FIRST_DAY:
            self._sheet.write_datetime(row, column, day, self._day)
        elif _is_number(cell, holds):
            digits = len(cell.partition(".")[2])
            number_format = self._money.get(digits) if holds is not Holds.NUMBER else None
            self._sheet.write_number(row, column, float(cell), number_format)
        else:
            self._sheet.write_string(row, column, cell)


def _is_number(cell: str, holds: Holds) -> bool:
    if holds not in {Holds.MONEY, Holds.NUMBER, Holds.EITHER} or len(cell) > MOST_DIGITS:
        return False
    return NUMBER.fullmatch(cell) is not None


def main() -> None:
    """Write the workbook described by the argument."""
    os.nice(NICE)
    request = json.loads(sys.argv[1])
    fill(
        Path(request["table"]),
        Path(request["made"]),
        [Holds(name) for name in request["holds"]],
        name=request["name"],
        days=request["days"],
    )


if __name__ == "__main__":
    main()
