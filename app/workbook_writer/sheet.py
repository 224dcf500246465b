"""Writing a workbook from a CSV file: its rows stream into the compressed sheet.

XlsxWriter makes everything around the rows (docs/adr/0035-workbook-rows.md).
"""

import csv
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from xlsxwriter.utility import xl_col_to_name

from app.kit.errors import InvalidError
from app.workbook_writer.cell_types import Holds
from app.workbook_writer.cells import TOO_LONG, CellXml, Styles, text_xml
from app.workbook_writer.frame import SHEET, make_frame

# as small as the default of 6, in two thirds of its time
COMPRESSION = 5
# rows that are encoded and compressed at once
TOGETHER = 200
# bytes of XML around a cell, and of one character of it, at most
_AROUND, _LONGEST_ESCAPED = 80, 7


def fill(
    table: Path, target: Path, holds: Sequence[Holds], *, rows: int, name: str, days: str
) -> None:
    """Convert a CSV file to a workbook with one sheet; neither is ever entirely in memory.

    `rows` is how many the file has below its header; `days` is how days are shown: "DD.MM.YYYY".

    Raises:
        InvalidError: a text is longer than a workbook's cell can hold.
        ValueError: the file has another number of rows.
    """
    frame = make_frame(holds, rows=rows, name=name, days=days)
    size = rows * len(holds) * _AROUND + table.stat().st_size * _LONGEST_ESCAPED
    with (
        table.open(encoding="utf-8", newline="") as file,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as book,
    ):
        for part, content in frame.parts.items():
            book.writestr(part, content)
        with book.open(SHEET, "w", force_zip64=size > zipfile.ZIP64_LIMIT) as sheet:
            sheet.write(frame.before)
            try:
                written = _write_rows(sheet, csv.reader(file), holds, frame.styles)
            except csv.Error:
                # the csv module's field limit is far above that of a workbook
                raise InvalidError(TOO_LONG) from None
            sheet.write(frame.after)
    if written != rows:
        msg = f"{written} rows were written, not {rows}"
        raise ValueError(msg)


def _write_rows(
    sheet: IO[bytes], lines: Iterator[list[str]], holds: Sequence[Holds], styles: Styles
) -> int:
    """Write the header and all rows; return the number of rows without the header."""
    addresses = [f'<c r="{xl_col_to_name(index)}' for index in range(len(holds))]
    columns = [CellXml(cell_type, styles) for cell_type in holds]
    # headers may be names that users chose: always text
    header = [text_xml(name, styles.header) for name in next(lines)]
    pieces = [_row(1, [f'{start}1"{xml}' for start, xml in zip(addresses, header, strict=True)])]
    number = 1
    for number, line in enumerate(lines, 2):
        end = f'{number}"'
        cells = [
            start + end + column[cell]
            for start, column, cell in zip(addresses, columns, line, strict=True)
            if cell
        ]
        pieces.append(_row(number, cells))
        if len(pieces) == TOGETHER:
            sheet.write("".join(pieces).encode())
            pieces.clear()
    sheet.write("".join(pieces).encode())
    return number - 1


def _row(number: int, cells: Sequence[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>' if cells else ""
