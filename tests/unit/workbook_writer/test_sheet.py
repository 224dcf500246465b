"""Workbooks from CSV files: the cells of the one before, and of the source."""

import csv
import re
import zipfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.kit.errors import InvalidError
from app.workbook_writer import sheet
from app.workbook_writer.cell_types import Holds
from app.workbook_writer.frame import SHEET
from benchmarks.workbook import cell_by_cell

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOLDS = [Holds.WORD, Holds.TEXT, Holds.MONEY, Holds.DAY, Holds.NUMBER, Holds.EITHER]
HEADER = ["id", "name <&> _x0041_", "amount", "day", "gifts", "value"]
TEXT = st.one_of(
    st.text(
        st.characters(codec="utf-8", exclude_characters="\x00"),
        max_size=20,
    ),
    st.lists(
        st.sampled_from(
            [
                "<",
                "&",
                ">",
                '"',
                " ",
                "\n",
                "\r",
                "\t",
                "\x0b",
                "\uffff",
                "_x000D_",
                "=",
                "é",
                "😀",
            ]
        ),
        max_size=6,
    ).map("".join),
)
AMOUNT = st.builds(
    lambda minor, digits: f"{minor / 10**digits:.{digits}f}",
    st.integers(-(10**12), 10**12),
    st.sampled_from([0, 1, 2, 3]),
)
DAY = st.dates(date(1850, 1, 1), date(9999, 12, 31)).map(date.isoformat)
NUMBER = st.integers(-(10**17), 10**17).map(str)
ROW = st.tuples(
    *(st.one_of(st.just(""), kind) for kind in (TEXT, TEXT, AMOUNT, DAY, NUMBER, AMOUNT | TEXT))
)
Cell = tuple[str, str, str, str | None, str]


@given(st.lists(ROW, max_size=5))
def test_a_workbook_has_the_cells_of_one_written_cell_by_cell(
    rows: list[tuple[str, ...]],
) -> None:
    # XlsxWriter reads this as XML, and escapes only the first of two escapes that touch
    rows = [tuple(re.sub("^<r>|_(?=x[0-9a-fA-F]{4}_x)", "", cell) for cell in row) for row in rows]
    with TemporaryDirectory() as folder:
        table, new, old = (Path(folder) / name for name in ("rows.csv", "new", "old"))
        write_csv(table, rows)
        fill(table, new, rows=len(rows))
        cell_by_cell.fill(table, old, HOLDS, name="gifts", days="DD.MM.YYYY")
        assert cells_of(new) == cells_of(old)


@given(st.lists(ROW, max_size=5))
def test_every_text_reads_back_as_it_was(rows: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        table, made = Path(folder) / "rows.csv", Path(folder) / "made"
        write_csv(table, rows)
        fill(table, made, rows=len(rows))
        by_address = {cell[0]: cell for cell in cells_of(made)}
    for number, row in enumerate([HEADER, *rows], 1):
        for letter, text in zip("ABCDEF", row, strict=True):
            address, _, kind, _, value = by_address.pop(f"{letter}{number}", ("", "", "", "", ""))
            if not text:
                assert not address
            elif kind == "inlineStr":
                assert unescaped(value) == text
            elif letter == "D":
                assert date(1899, 12, 30) + timedelta(int(value)) == date.fromisoformat(text)
            else:
                assert float(value) == float(text)
    assert by_address == {}


def test_a_reader_gets_text_numbers_and_days(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "rows.csv",
        [
            ("007", '=HYPERLINK("x")', "1234.50", "2026-11-23", "12", "0.25"),
            ("", "<r>x</r>", "99999999999999.99", "1850-01-31", "", "n/a"),
        ],
    )
    made = tmp_path / "made.xlsx"
    fill(tmp_path / "rows.csv", made, rows=2)
    [header, first, second] = (
        CalamineWorkbook.from_path(made).get_sheet_by_name("Gifts").to_python()
    )
    assert header[0] == "id"
    assert first == ["007", '=HYPERLINK("x")', 1234.5, date(2026, 11, 23), 12, 0.25]
    assert second == ["", "<r>x</r>", "99999999999999.99", "1850-01-31", "", "n/a"]


def test_a_sheet_over_the_limit_of_plain_zip_files_is_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(str(number), "x" * 50, "", "", "", "") for number in range(1000)]
    write_csv(tmp_path / "rows.csv", rows)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10_000)
    made = tmp_path / "made.xlsx"
    fill(tmp_path / "rows.csv", made, rows=1000)
    assert len(cells_of(made)) == 2 * 1000 + len(HEADER)


@pytest.mark.parametrize("letters", [32_768, 140_000])
def test_a_text_that_no_cell_can_hold_is_refused(tmp_path: Path, letters: int) -> None:
    write_csv(tmp_path / "rows.csv", [("1", "x" * letters, "", "", "", "")])
    with pytest.raises(InvalidError, match="Take the CSV file"):
        sheet.fill(
            tmp_path / "rows.csv",
            tmp_path / "made",
            HOLDS,
            rows=1,
            name="gifts",
            days="DD.MM.YYYY",
        )


def test_a_file_with_other_rows_than_announced_is_no_workbook(tmp_path: Path) -> None:
    write_csv(tmp_path / "rows.csv", [("1", "Hanna", "", "", "", "")])
    with pytest.raises(ValueError, match="1 rows were written, not 2"):
        sheet.fill(
            tmp_path / "rows.csv",
            tmp_path / "made",
            HOLDS,
            rows=2,
            name="gifts",
            days="DD.MM.YYYY",
        )


def fill(table: Path, target: Path, *, rows: int) -> None:
    sheet.fill(table, target, HOLDS, rows=rows, name="gifts", days="DD.MM.YYYY")


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])


def cells_of(book: Path) -> list[Cell]:
    """Return the address, number format or font, type, space attribute and value of each cell."""
    with zipfile.ZipFile(book) as packed:
        parts = (packed.read(part) for part in ("xl/styles.xml", SHEET))
        styles, rows = (ET.fromstring(part) for part in parts)  # noqa: S314 - our own file
    codes = {
        number.get("numFmtId"): number.get("formatCode") for number in styles.iter(f"{MAIN}numFmt")
    }
    formats = styles.find(f"{MAIN}cellXfs")
    assert formats is not None
    shown = [
        f"{codes.get(entry.get('numFmtId'), entry.get('numFmtId'))} {entry.get('fontId')}"
        for entry in formats
    ]
    found: list[Cell] = []
    for cell in rows.iter(f"{MAIN}c"):
        inner = cell.find(f"{MAIN}is/{MAIN}t") if cell.get("t") else cell.find(f"{MAIN}v")
        assert inner is not None
        found.append(
            (
                cell.get("r", ""),
                shown[int(cell.get("s", "0"))],
                cell.get("t", ""),
                inner.get("{http://www.w3.org/XML/1998/namespace}space"),
                inner.text or "",
            )
        )
    return found


def unescaped(text: str) -> str:
    return re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)
