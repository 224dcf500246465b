"""Workbooks → the same cells as their CSV; hostile ones refused with a sentence."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from app.file_reader import workbook
from app.file_reader.read_options import Reading
from app.file_reader.sandbox import pool
from app.imports.mapping.mapped_file import open_table
from app.kit.errors import InvalidError

HEAD = ["first_name", "last_name", "email", "postal_code", "notes"]
ROWS = [
    ["Zoë", "Quill", "zoe@quill.example", "02134", "1 of 2"],
    ["李", "小龙", "li@example.org", "", "=HYPERLINK(1)"],
]


def book(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False}) as workbook_file:
        day = workbook_file.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = workbook_file.add_worksheet(name)
            for index, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date | datetime):
                        sheet.write_datetime(index, column, cell, day)
                    else:
                        sheet.write(index, column, cell)
    return buffer.getvalue()


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive_file:
        archive_file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive_file.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        archive_file.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="One">{cells}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return buffer.getvalue()


def cells(data: bytes) -> list[list[str]]:
    table = open_table(data)
    return [list(row.values()) for row in table.cells.to_pylist()]


# named, as their bytes hold the second they were made in, which the workers do not share
@pytest.mark.parametrize(
    "data", [book({"People": [HEAD, *ROWS]}), ods([HEAD, *ROWS])], ids=["xlsx", "ods"]
)
def test_a_workbook_reads_as_its_csv(data: bytes) -> None:
    table = open_table(data)
    assert table.columns == tuple(HEAD)
    assert cells(data) == ROWS
    assert table.encoding == "workbook"


def test_numbers_dates_and_booleans_are_written_as_text() -> None:
    rows: list[list[object]] = [
        ["amount", "gift_date", "name", "first"],
        [12.5, date(2026, 3, 4), "Ann Lee", True],
        [1234567, datetime(2026, 3, 4, 15, 30), "Bo Ek", False],
    ]
    assert cells(book({"Gifts": rows})) == [
        ["12.5", "2026-03-04", "Ann Lee", "yes"],
        ["1234567", "2026-03-04 15:30:00", "Bo Ek", "no"],
    ]


def test_row_numbers_are_kept_and_help_sheets_are_skipped() -> None:
    rows = [[], ["Exported for you"], [], HEAD, *ROWS]
    table = open_table(book({"Instructions": [["Fill in the next sheet"]], "People": rows}))
    assert table.rows.tolist() == [5, 6]


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive_file:
        archive_file.writestr("xl/workbook.xml", "0" * 30_000_000)
    return buffer.getvalue()


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive_file:
        archive_file.writestr("letter.txt", "hello")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(bomb(), "too large", id="zip bomb"),
        pytest.param(archive(), "zip archive", id="zip archive"),
        pytest.param(b"PK\x03\x04" + b"\0" * 100, "damaged", id="cut off"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 4000, "cannot be read", id="broken xls"),
        pytest.param(book({"A": []}), "empty", id="empty"),
        pytest.param(book({"A": [["x"] * 2_001]}), "2,000 columns is the most", id="too wide"),
    ],
)
def test_a_file_that_is_no_table_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        open_table(data)


def test_the_first_sheet_with_a_table_is_read_and_the_others_are_named() -> None:
    other = [["fund_id", "name"], ["F1", "Roof"]]
    data = book({"Cover": [["Report of May"]], "People": [HEAD, *ROWS], "Funds": other, "C": []})
    table = open_table(data)
    assert (table.sheet, table.sheets) == ("People", ("Cover", "People", "Funds"))
    assert cells(data) == ROWS
    (note,) = table.notes
    assert note.sentence == (
        "The sheet “People” was read. Other sheets of the workbook have rows: “Cover”, “Funds”."
    )


def test_a_sheet_can_be_chosen() -> None:
    data = book({"People": [HEAD, *ROWS], "Fünds": [["fund_id", "name"], ["F1", "Roof"]]})
    table = open_table(data, Reading(sheet="Fünds"))
    assert (table.columns, table.sheet, table.notes) == (("fund_id", "name"), "Fünds", ())
    with pytest.raises(pool.UnreadableError, match=r"no sheet “Gifts” .* It has: People, Fünds"):
        open_table(data, Reading(sheet="Gifts"))


def test_a_workbook_without_a_table_still_names_its_sheets() -> None:
    data = book({"People": [HEAD], "Help": [["Fill it in"]]})
    with pytest.raises(pool.UnreadableError, match="no rows under it") as refused:
        open_table(data)
    assert refused.value.sheets == ("People", "Help")


def test_a_killed_or_hanging_workbook_reader_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = tmp_path / "child.py"
    monkeypatch.setattr(workbook, "CHILD", child)
    child.write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(InvalidError, match="too large"):
        workbook.as_csv(book({"A": [HEAD]}))
    child.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(workbook, "PATIENCE", 0.5)
    with pytest.raises(InvalidError, match="too long"):
        workbook.as_csv(book({"A": [HEAD]}))
