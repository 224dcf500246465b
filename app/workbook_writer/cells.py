"""Cells of a workbook as XML: text, numbers and days; text is never run as a formula."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from app.kit.errors import InvalidError
from app.workbook_writer.cell_types import Holds

MOST_LETTERS = 32_767
SEND_CSV = "Take the CSV file instead."
TOO_LONG = f"A workbook's cell holds {MOST_LETTERS:,} letters; one has more. {SEND_CSV}"
# Excel numbers are floats, exact up to 15 digits; its dates before March 1900 are off by one
# because it treats 1900 as a leap year
MOST_DIGITS = 15
FIRST_DAY, DAY_ZERO = date(1900, 3, 1), date(1899, 12, 30)
# values of a column whose XML is remembered: most columns repeat few values
REMEMBERED, LONGEST_REMEMBERED = 500, 40
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
# Excel writes a character that XML cannot hold as _x000D_, so a text that looks like that
# needs an escaped underscore
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LIKE_ESCAPED = re.compile("_(?=x[0-9a-fA-F]{4}_)")
_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")


@dataclass(frozen=True, slots=True)
class Styles:
    """Indexes of a workbook's cell styles: headers, days, amounts by their number of decimals."""

    header: str
    day: str
    amounts: Mapping[int, str]


class CellXml(dict[str, str]):
    """The XML of a column's cells by their text, without its beginning: the cell's address."""

    def __init__(self, holds: Holds, styles: Styles) -> None:
        """Choose how the cells of this type are written."""
        super().__init__()
        self._write = _writer(holds, styles)

    def __missing__(self, cell: str) -> str:
        """Return the XML of a cell and remember it, if it is short enough to be repeated.

        Raises:
            InvalidError: the text is longer than a workbook's cell can hold.
        """
        xml = self._write(cell)
        if len(cell) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED:
                self.clear()
            self[cell] = xml
        return xml


def text_xml(cell: str, style: str = "") -> str:
    """Return the XML of a text after the cell's address; `style` is the index of a style.

    Raises:
        InvalidError: the text is longer than a workbook's cell can hold.
    """
    if is_too_long(cell):
        raise InvalidError(TOO_LONG)
    if _SPECIAL.search(cell):
        cell = _NOT_IN_XML.sub(_escaped, _LIKE_ESCAPED.sub("_x005F_", cell))
        cell = cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    space = ' xml:space="preserve"' if cell[:1].isspace() or cell[-1:].isspace() else ""
    shown = f' s="{style}"' if style else ""
    return f'{shown} t="inlineStr"><is><t{space}>{cell}</t></is></c>'


def is_too_long(cell: str) -> bool:
    """Return whether a text exceeds a workbook's cell, which counts an emoji as two letters."""
    if len(cell) <= MOST_LETTERS // 2:
        return False
    return len(cell.encode("utf-16-le")) > 2 * MOST_LETTERS


def _writer(holds: Holds, styles: Styles) -> Callable[[str], str]:
    def day(cell: str) -> str:
        value = date.fromisoformat(cell)
        if value < FIRST_DAY:
            return text_xml(cell)
        return f' s="{styles.day}"><v>{(value - DAY_ZERO).days}</v></c>'

    def number(cell: str) -> str:
        if len(cell) > MOST_DIGITS or _NUMBER.fullmatch(cell) is None:
            return text_xml(cell)
        style = None
        if holds is not Holds.NUMBER:
            style = styles.amounts.get(len(cell.partition(".")[2]))
        shown = f' s="{style}"' if style else ""
        return f"{shown}><v>{float(cell):.16G}</v></c>"

    if holds is Holds.DAY:
        return day
    return number if holds in {Holds.MONEY, Holds.NUMBER, Holds.EITHER} else text_xml


def _escaped(character: re.Match[str]) -> str:
    return f"_x{ord(character[0]):04X}_"
