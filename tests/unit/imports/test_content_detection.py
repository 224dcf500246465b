"""Columns recognised by their cells: only where nine of ten cells agree."""

import pytest

from app.imports.mapping import columns
from app.imports.mapping.data_table import DataTable
from app.imports.mapping.mapped_file import open_table

# another bank's than the one there is a preset for
BANK = b"""\
"2010-09-30";"2010-09-30";"43005001";"20,00";"EUR";""
"2010-10-01";"2010-10-01";"43005002";"1.250,00";"EUR";"Spende Oktober"
"2010-10-04";"2010-10-05";"43005001";"20,00";"EUR";""
"""


def suggested(data: bytes, kind: str | None = None) -> tuple[str, dict[str, str]]:
    return columns.suggest(DataTable.of(open_table(data)), kind, None)[:2]


def test_a_bank_statement_without_headers() -> None:
    assert suggested(BANK) == (
        "gifts",
        {"Column 1": "gift_date", "Column 4": "amount", "Column 5": "currency"},
    )


def test_headers_in_another_language_beside_ones_we_know() -> None:
    data = (
        "Navn,E-post,Beløp,Date\n"
        "Ingrid Haug,ingrid@haug.example,200.00,2026-01-05\n"
        "Nils Haug,nils@haug.example,50.00,2026-02-05\n"
    ).encode()
    assert suggested(data, "gifts") == (
        "gifts",
        {"Navn": "name", "E-post": "email", "Beløp": "amount", "Date": "gift_date"},
    )


@pytest.mark.parametrize(
    "cells",
    [
        ["100", "200", "300"],
        ["1.00", "soon", "2.00", "later"],
        ["", "", ""],
        ["007", "008", "009"],
    ],
)
def test_ambiguous_columns_are_not_mapped(cells: list[str]) -> None:
    data = "a;b\n" + "".join(f"{cell};x9\n" for cell in cells)
    assert suggested(data.encode(), "gifts")[1] == {}


def test_one_cell_in_ten_may_be_wrong() -> None:
    cells = [f"p{n}@x.example" for n in range(9)] + ["none"]
    data = "a;b\n" + "".join(f"{cell};x9\n" for cell in cells)
    assert suggested(data.encode(), "donors")[1] == {"a": "email"}
    data += "none;x9\n"
    assert suggested(data.encode(), "donors")[1] == {}
