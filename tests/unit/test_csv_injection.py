"""Texts in files: no program begins a formula in them, and each is the same when it comes back."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.exports.columns import Column, Holds
from app.file_reader.table import Table
from app.imports.parsing.columns import Sheet
from app.imports.parsing.options import Options
from app.kit.csv_injection import plain, safe
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
def test_a_cell_as_it_is_written(cell, written):
    assert safe(cell) == written
    assert plain(written) == cell


@given(PIECES)
@example("'-5")
@example("''=")
@example("\r\n=")
def test_a_cell_is_the_same_when_it_comes_back(cell):
    assert plain(safe(cell)) == cell


@given(PIECES, st.sampled_from(";\t,"))
def test_no_program_sees_a_formula_however_it_cuts_the_file(cell, separator):
    out = io.StringIO()
    csv.writer(out).writerow(["id", safe(cell), "end"])
    for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=separator):
        for found in row:
            number = found.lstrip("+-").replace(".", "").replace(",", "").isdigit()
            assert number or not found.lstrip(' "').startswith(("=", "+", "-", "@", "＝")), row


@given(st.lists(PIECES, min_size=1, max_size=5))
def test_the_importer_reads_what_plain_reads(cells):
    column = pa.array([safe(cell) for cell in cells], pa.string())
    table = Table(
        ("note",), pa.table({"0": column}), list(range(len(cells))), (), "utf-8", ",", 1, {}
    )
    sheet = Sheet(table, {"note": 0}, Options(TODAY, "USD", "k"))
    read = sheet.raw("note").to_pylist()
    for cell, found in zip(cells, read, strict=True):
        if not cell.startswith('="'):
            assert found == plain(safe(cell).strip()).strip()


def test_the_database_writes_what_safe_writes(db):
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
    many = [a + b for a in cells for b in ("", ";=1", "\t'@", "\n-", "x")]
    raw = db.connection().connection.cursor()
    for form, expected in (("csv", safe), ("xlsx", None)):
        cell = Column("v", Holds.TEXT).cell(form)
        raw.execute(f"select {cell.replace('%', '%%')} from unnest(%s::text[]) v", (many,))
        written = [row[0] for row in raw.fetchall()]
        if expected is not None:
            assert written == [expected(one) for one in many]
        assert [plain(one) for one in written if not one.startswith('="')] == [
            one
            for one, as_written in zip(many, written, strict=True)
            if not as_written.startswith('="')
        ]
        if form == "xlsx":
            assert [one for one in written if one == "=1"]
