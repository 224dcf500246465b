"""Cells of a workbook as XML."""

import pytest

from app.kit.errors import InvalidError
from app.workbook_writer import cells
from app.workbook_writer.cell_types import Holds
from app.workbook_writer.cells import CellXml, Styles, is_too_long, text_xml

STYLES = Styles("1", "2", {0: "3", 2: "4", 3: "5"})


def text(inner: str, attributes: str = "") -> str:
    return f' t="inlineStr"><is><t{attributes}>{inner}</t></is></c>'


@pytest.mark.parametrize(
    ("holds", "cell", "xml"),
    [
        (Holds.WORD, "12", text("12")),
        (Holds.TEXT, "=1+1", text("=1+1")),
        (Holds.TEXT, "a < b & c > d", text("a &lt; b &amp; c &gt; d")),
        (Holds.TEXT, " x", text(" x", ' xml:space="preserve"')),
        (Holds.TEXT, "x\n", text("x\n", ' xml:space="preserve"')),
        (Holds.TEXT, "a\rb\x00", text("a_x000D_b_x0000_")),
        (Holds.TEXT, "_x000D_", text("_x005F_x000D_")),
        # read from the left, each escaped underscore is taken by its own text
        (Holds.TEXT, "_x0041_x0042_", text("_x005F_x0041_x005F_x0042_")),
        # XlsxWriter takes this for the XML of a text with several fonts
        (Holds.TEXT, "<r><t>x</r>", text("&lt;r&gt;&lt;t&gt;x&lt;/r&gt;")),
        (Holds.MONEY, "1234.50", ' s="4"><v>1234.5</v></c>'),
        (Holds.MONEY, "-5000", ' s="3"><v>-5000</v></c>'),
        (Holds.MONEY, "1.125", ' s="5"><v>1.125</v></c>'),
        (Holds.MONEY, "1.5", "><v>1.5</v></c>"),
        (Holds.NUMBER, "1204", "><v>1204</v></c>"),
        (Holds.NUMBER, "1234567890123456", text("1234567890123456")),
        (Holds.EITHER, "0.25", ' s="4"><v>0.25</v></c>'),
        (Holds.EITHER, "=1", text("=1")),
        (Holds.EITHER, "1e5", text("1e5")),
        (Holds.DAY, "2026-11-23", ' s="2"><v>46349</v></c>'),
        (Holds.DAY, "1900-03-01", ' s="2"><v>61</v></c>'),
        (Holds.DAY, "1900-02-28", text("1900-02-28")),
    ],
)
def test_the_xml_of_a_cell(holds: Holds, cell: str, xml: str) -> None:
    column = CellXml(holds, STYLES)
    assert column[cell] == xml
    assert column[cell] == xml, "the second time as well"


def test_a_header_has_its_style() -> None:
    assert text_xml("9 < 10", "1") == ' s="1"' + text("9 &lt; 10")


def test_a_column_remembers_a_bounded_number_of_short_cells() -> None:
    column = CellXml(Holds.TEXT, STYLES)
    for number in range(cells.REMEMBERED * 3):
        assert f"<t>{number}</t>" in column[str(number)]
        assert "<t>xxxx" in column["x" * 50 + str(number)]
    assert 0 < len(column) <= cells.REMEMBERED
    assert all(len(cell) <= cells.LONGEST_REMEMBERED for cell in column)


@pytest.mark.parametrize(
    ("cell", "too_long"),
    [("x" * 32_767, False), ("x" * 32_768, True), ("😀" * 16_383, False), ("😀" * 16_384, True)],
)
def test_a_text_that_no_cell_can_hold_is_refused(cell: str, *, too_long: bool) -> None:
    assert is_too_long(cell) is too_long
    if too_long:
        with pytest.raises(InvalidError, match="Take the CSV file"):
            text_xml(cell)
    else:
        assert cell in text_xml(cell)
