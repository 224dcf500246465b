"""Protection against CSV injection, and its exact inverse in the importer."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.exports.columns import Column
from app.imports.mapping.data_table import DataTable
from app.imports.parsing.columns import Sheet
from app.imports.parsing.options import Options
from app.imports.values.arrays import listed, text
from app.kit.security.csv_injection import plain, safe
from app.workbook_writer.cell_types import Holds
from tests.conftest import TODAY

PIECES = st.lists(
    st.sampled_from(
        [
            "=",
            "+",
            "-",
            "@",
            "'",
            '"',
            ";",
            "\t",
            "\n",
            "\r",
            ",",
            " ",
            "1",
            "a",
            "＝",
            "=1+1",
            "é",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x\t=1+1", "x\t'=1+1"),
        ("x\n-2+3", "x\n'-2+3"),
        ("x;y;@SUM(A1)", "x;y;'@SUM(A1)"),
        ("=1;=2", "'=1;'=2"),
        (';"=1+1"', ';\'"=1+1"'),
        ('"=1+1"', '\'"=1+1"'),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("x;'=1", "x;''=1"),
        ("\t=1", "'\t'=1"),
        ("\tx", "'\tx"),
        ("-50.00", "-50.00"),
        ("a; b, c - d = e", "a; b, c - d = e"),
        ("", ""),
    ],
)
def test_safe_and_plain(cell: str, written: str) -> None:
    assert safe(cell) == written
    assert plain(written) == cell


@given(PIECES)
@example("'-5")
@example("''=")
@example("\r\n=")
def test_plain_is_the_inverse_of_safe(cell: str) -> None:
    assert plain(safe(cell)) == cell


@given(PIECES, st.sampled_from(";\t,"))
def test_no_delimiter_reveals_a_formula(cell: str, separator: str) -> None:
    file = io.StringIO()
    csv.writer(file).writerow(["id", safe(cell), "end"])
    for row in csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=separator):
        for part in row:
            number = part.lstrip("+-").replace(".", "").replace(",", "").isdigit()
            assert number or not part.lstrip(' "').startswith(("=", "+", "-", "@", "＝")), row


@given(st.lists(PIECES, min_size=1, max_size=5))
def test_the_importer_reads_cells_like_plain(cells: list[str]) -> None:
    column = text(safe(cell) for cell in cells)
    table = DataTable(("note",), pd.DataFrame({0: column}), np.arange(len(cells)))
    sheet = Sheet(table, {"note": 0}, Options(TODAY, "USD", "k"))
    read = listed(sheet.raw("note"))
    for cell, imported in zip(cells, read, strict=True):
        if not cell.startswith('="'):
            assert imported == plain(safe(cell).strip()).strip()


def test_the_database_writes_cells_like_safe(db: Session) -> None:
    cells = [
        "=1",
        "x;=1",
        "x\n'=2",
        "'=",
        "-5",
        "+1.5",
        "-5;-6",
        "\t=x",
        "\r",
        '"=x"',
        "＠x",
        "a",
        "",
    ]
    texts = [a + b for a in cells for b in ("", ";=1", "\t'@", "\n-", "x")]
    raw = db.connection().connection.cursor()
    for form, expected in (("csv", safe), ("xlsx", None)):
        cell = Column("v", Holds.TEXT).cell(form)
        raw.execute(f"select {cell.replace('%', '%%')} from unnest(%s::text[]) v", (texts,))
        written = [row[0] for row in raw.fetchall()]
        if expected is not None:
            assert written == [expected(text) for text in texts]
        assert [plain(text) for text in written if not text.startswith('="')] == [
            text
            for text, as_written in zip(texts, written, strict=True)
            if not as_written.startswith('="')
        ]
        if form == "xlsx":
            assert [text for text in written if text == "=1"]
