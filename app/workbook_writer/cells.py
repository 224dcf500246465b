"""Typed cells of a workbook: text, numbers and dates; text is never run as a formula."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.kit.errors import InvalidError
from app.workbook_writer.cell_types import Holds

MOST_LETTERS = 32_767
# Excel numbers are floats, exact up to 15 digits; its dates before March 1900 are off by one
# because it treats 1900 as a leap year
MOST_DIGITS = 15
FIRST_DAY = date(1900, 3, 1)
_DECIMALS = {0: "#,##0", 2: "#,##0.00", 3: "#,##0.000"}
_WIDTHS = {
    Holds.EITHER: 14,
    Holds.WORD: 14,
    Holds.TEXT: 26,
    Holds.MONEY: 14,
    Holds.DAY: 12,
    Holds.NUMBER: 10,
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
SEND_CSV = "Take the CSV file instead."
TOO_LONG = f"A workbook's cell holds {MOST_LETTERS:,} letters; one has more. {SEND_CSV}"


def fill(table: Path, target: Path, holds: Sequence[Holds], *, name: str, days: str) -> None:
    """Convert a CSV file to a workbook with one sheet; neither is ever entirely in memory.

    `days` is how days are shown: "DD.MM.YYYY".

    Raises:
        InvalidError: a text is longer than a workbook's cell can hold.
    """
    book = Workbook(str(target), {"constant_memory": True, "tmpdir": str(target.parent)})
    try:
        with table.open(encoding="utf-8", newline="") as cells:
            _fill(book, name, holds, csv.reader(cells), days)
    except csv.Error:
        # the csv module's field limit is far above that of a workbook
        raise InvalidError(TOO_LONG) from None
    finally:
        book.close()


def _fill(
    book: Workbook, name: str, holds: Sequence[Holds], cells: Iterator[list[str]], days: str
) -> None:
    sheet = book.add_worksheet(name.capitalize())
    writer = _CellWriter(book, sheet, days)
    for index, cell_type in enumerate(holds):
        sheet.set_column(index, index, _WIDTHS[cell_type])
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    # headers may be names that users chose: always write them as text
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
        # a slash without a backslash would become the separator of the reader's own system
        self._day = book.add_format({"num_format": days.lower().replace("/", r"\/")})
        self._money = {
            digits: book.add_format({"num_format": form}) for digits, form in _DECIMALS.items()
        }

    def cell(self, row: int, column: int, cell: str, holds: Holds) -> None:
        if holds is Holds.DAY and (day := date.fromisoformat(cell)) >= FIRST_DAY:
            self._sheet.write_datetime(row, column, day, self._day)
        elif _is_number(cell, holds):
            digits = len(cell.partition(".")[2])
            number_format = self._money.get(digits) if holds is not Holds.NUMBER else None
            self._sheet.write_number(row, column, float(cell), number_format)
        elif len(cell) > MOST_LETTERS:
            raise InvalidError(TOO_LONG)
        else:
            self._sheet.write_string(row, column, cell)


def _is_number(cell: str, holds: Holds) -> bool:
    if holds not in {Holds.MONEY, Holds.NUMBER, Holds.EITHER} or len(cell) > MOST_DIGITS:
        return False
    return _NUMBER.fullmatch(cell) is not None
