"""Everything of a workbook but its rows, made by XlsxWriter: styles, widths, frozen header."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from app.workbook_writer.cell_types import Holds
from app.workbook_writer.cells import Styles

SHEET = "xl/worksheets/sheet1.xml"
_DECIMALS = {0: "#,##0", 2: "#,##0.00", 3: "#,##0.000"}
_WIDTHS = {
    Holds.EITHER: 14,
    Holds.WORD: 14,
    Holds.TEXT: 26,
    Holds.MONEY: 14,
    Holds.DAY: 12,
    Holds.NUMBER: 10,
}
_STYLE = re.compile(r'<c r="[A-Z]+1" s="(\d+)"/>')
_ROWS = re.compile("<sheetData>.*</sheetData>", re.DOTALL)
_DIMENSION = re.compile('<dimension ref="[A-Z0-9:]+"/>')


@dataclass(frozen=True, slots=True)
class Frame:
    """The parts of a workbook: `before` and `after` are the XML of the sheet around its rows."""

    parts: dict[str, bytes]
    before: bytes
    after: bytes
    styles: Styles


def make_frame(holds: Sequence[Holds], *, rows: int, name: str, days: str) -> Frame:
    """Return the frame of a workbook with one sheet of `rows` rows below its header.

    `days` is how days are shown: "DD.MM.YYYY".
    """
    parts = _parts(holds, name, days)
    sheet = parts.pop(SHEET).decode()
    header, day, *amounts = _STYLE.findall(sheet)
    last = f"{xl_col_to_name(len(holds) - 1)}{rows + 1}"
    sheet = _DIMENSION.sub(f'<dimension ref="A1:{last}"/>', sheet)
    before, after = _ROWS.split(sheet)
    styles = Styles(header, day, dict(zip(_DECIMALS, amounts, strict=True)))
    return Frame(parts, f"{before}<sheetData>".encode(), f"</sheetData>{after}".encode(), styles)


def _parts(holds: Sequence[Holds], name: str, days: str) -> dict[str, bytes]:
    """Return the files of a workbook whose sheet has one empty cell of each style."""
    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet(name.capitalize())
    for index, cell_type in enumerate(holds):
        sheet.set_column(index, index, _WIDTHS[cell_type])
    sheet.freeze_panes(1, 0)
    # a slash without a backslash would become the separator of the reader's own system
    shown = [days.lower().replace("/", r"\/"), *_DECIMALS.values()]
    styles = [{"bold": True}, *({"num_format": pattern} for pattern in shown)]
    for index, style in enumerate(styles):
        sheet.write_blank(0, index, None, book.add_format(style))
    book.close()
    with zipfile.ZipFile(content) as packed:
        return {part: packed.read(part) for part in packed.namelist()}
