"""Columns of names: parts, couples, organisations by their header, and words for no name."""

import json

import pytest

from app.imports.parsing import donors
from app.imports.parsing.columns import Sheet
from app.imports.parsing.donor_names import read_names
from app.imports.values.arrays import listed
from tests.unit.imports.test_contacts import sheet_of

PARTS = ("kind", "name", "first_name", "last_name", "spouse_first_name")


def rows(sheet: Sheet) -> list[tuple[str | None, ...]]:
    read = read_names(sheet, sheet.text("email"))
    return list(zip(*(listed(read[name]) for name in PARTS), strict=True))


def under(header: str, **columns: list[str]) -> Sheet:
    """A sheet whose column of names has another header."""
    sheet = sheet_of(**columns)
    object.__setattr__(sheet.table, "columns", (header, *sheet.table.columns[1:]))
    return sheet


def test_one_column_of_names() -> None:
    assert rows(sheet_of(name=["Sammy Stone Jr.", "Stone, John & Mary", "Hope Church"])) == [
        ("person", "Sammy Stone Jr.", "Sammy", "Stone Jr.", None),
        ("household", "John & Mary Stone", "John", "Stone", "Mary"),
        ("organisation", "Hope Church", None, None, None),
    ]


def test_columns_of_first_and_last_names() -> None:
    sheet = sheet_of(
        first_name=["Ada", "Tom", "", "Grace"],
        last_name=["Stone", "Reed", "First Baptist Church", "Church"],
        spouse_first_name=["", "Ana", "None", "n/a"],
    )
    assert rows(sheet) == [
        ("person", "Ada Stone", "Ada", "Stone", None),
        ("household", "Tom and Ana Reed", "Tom", "Reed", "Ana"),
        ("organisation", "First Baptist Church", None, "First Baptist Church", None),
        ("person", "Grace Church", "Grace", "Church", None),
    ]


def test_a_column_of_spouses_beside_one_of_names_counts() -> None:
    sheet = sheet_of(name=["Tom & Ana Reed"], spouse_first_name=["Annabel"])
    assert rows(sheet) == [("household", "Tom & Ana Reed", "Tom", "Reed", "Annabel")]


@pytest.mark.parametrize("header", ["organization_name", "Company", "Firma"])
def test_the_header_makes_an_organisation(header: str) -> None:
    assert rows(under(header, name=["BobCo", "Ada Stone"])) == [
        ("organisation", "BobCo", None, None, None),
        ("organisation", "Ada Stone", None, None, None),
    ]


def test_the_person_in_the_row_of_a_company_is_the_donor_and_the_company_is_kept() -> None:
    columns = {"name": ["BobCo", "Acme"], "first_name": ["Ada", ""], "last_name": ["Stone", ""]}
    sheet = under("Company", **columns)
    read = donors.columns(sheet)
    assert listed(read["kind"]) == ["person", "organisation"]
    assert listed(read["name"]) == ["Ada Stone", "Acme"]
    assert [json.loads(cell or "{}") for cell in listed(read["custom"])] == [
        {"Company": "BobCo"},
        {},
    ]
    assert [(note.row, note.problem.code, note.action) for note in sheet.problems] == [
        (1, "company_kept", "note")
    ]


def test_a_stated_kind_counts_more_than_the_header() -> None:
    sheet = under("Company", name=["Ada Stone"], kind=["individual"])
    assert rows(sheet)[0][:2] == ("person", "Ada Stone")


def test_a_computed_column_with_such_a_header_makes_no_organisation() -> None:
    sheet = sheet_of(other=["Ada Stone"], name=["Ada Stone"])
    object.__setattr__(sheet.table, "columns", ("Company", "Company"))
    assert rows(sheet)[0][0] == "person"


def test_words_for_no_name() -> None:
    words = ["N/A", "none", "NULL", "-", "unknown"]
    sheet = sheet_of(name=words)
    assert [row[1] for row in rows(sheet)] == [None] * len(words)
    assert {problem.problem.code for problem in sheet.problems} == {"name_missing"}
    sheet = sheet_of(
        first_name=["Ada", "Nil", "None", "-", "Ada"],
        last_name=["None", "Stone", "Stone", "Null", "N/A"],
    )
    assert [row[1] for row in rows(sheet)] == ["Ada None", "Nil Stone", "Stone", None, "Ada"]


def test_beside_a_gift_a_donor_without_a_name_is_known_by_the_email() -> None:
    sheet = sheet_of(name=["N/A", "", "Ada"], email=["a@x.example", "", "b@x.example"])
    sheet.named_by_email = True
    assert [row[1] for row in rows(sheet)] == ["a@x.example", None, "Ada"]
    assert [
        (problem.row, problem.problem.code, problem.is_note) for problem in sheet.problems
    ] == [
        (1, "name_from_email", True),
        (2, "name_missing", False),
    ]


def test_columns_of_names_and_no_name_beside_a_gift() -> None:
    sheet = sheet_of(first_name=["", "Ada"], last_name=["-", "Lee"], email=["a@x.example", ""])
    sheet.named_by_email = True
    assert [row[:2] for row in rows(sheet)] == [("person", "a@x.example"), ("person", "Ada Lee")]
