"""The parts of a workbook around its rows."""

import re
from xml.etree import ElementTree as ET

from app.workbook_writer.cell_types import Holds
from app.workbook_writer.frame import SHEET, make_frame

HOLDS = [Holds.WORD, Holds.DAY, Holds.MONEY]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def test_the_sheet_has_a_place_for_its_rows() -> None:
    frame = make_frame(HOLDS, rows=250, name="gifts", days="DD.MM.YYYY")
    assert SHEET not in frame.parts
    sheet = ET.fromstring(frame.before + frame.after)  # noqa: S314 - our own file
    dimension, pane = sheet.find(f"{MAIN}dimension"), sheet.find(f".//{MAIN}pane")
    assert dimension is not None
    assert pane is not None
    assert (dimension.get("ref"), pane.get("ySplit"), pane.get("state")) == (
        "A1:C251",
        "1",
        "frozen",
    )
    assert len(list(sheet.iter(f"{MAIN}col"))) == len(HOLDS)
    assert sheet.find(f"{MAIN}sheetData") is not None
    assert list(sheet.iter(f"{MAIN}row")) == []
    assert b'name="Gifts"' in frame.parts["xl/workbook.xml"]


def test_each_style_has_its_own_index() -> None:
    frame = make_frame(HOLDS, rows=1, name="gifts", days="DD/MM/YYYY")
    styles = frame.styles
    indexes = [styles.header, styles.day, *styles.amounts.values()]
    assert len(set(indexes)) == len(indexes)
    xml = frame.parts["xl/styles.xml"].decode()
    formats = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]+)"', xml))
    used = re.findall(r'<xf numFmtId="(\d+)" fontId="(\d)"', xml.partition("<cellXfs")[2])
    assert used[int(styles.header)] == ("0", "1")
    assert formats[used[int(styles.day)][0]] == r"dd\/mm\/yyyy"
    amounts = [formats[used[int(index)][0]] for index in styles.amounts.values()]
    assert amounts == ["#,##0", "#,##0.00", "#,##0.000"]
