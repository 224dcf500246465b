"""E-mails, phones and postcodes: read, repaired or left empty with a note; no row is refused."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from app.imports.mapping.data_table import DataTable
from app.imports.parsing import contacts
from app.imports.parsing.columns import Sheet
from app.imports.parsing.options import Options
from app.imports.values.arrays import listed, text
from tests.conftest import TODAY

ADDRESS = st.from_regex(
    r"[a-z][a-z0-9._+'-]{0,8}[a-z0-9]@[a-z]{1,6}(\.[a-z]{2,4}){1,2}", fullmatch=True
)
AROUND = st.sampled_from(
    [
        "{}",
        "Ada Stone <{}>",
        '"Stone, Ada" <{}>',
        "mailto:{}",
        "MAILTO:{}",
        "{} (home)",
        "{},",
        "{}.",
        "<{}>",
        "'{}'",
        "Home: {}",
        "{} ; ",
    ]
)


def sheet_of(**columns: list[str]) -> Sheet:
    height = len(next(iter(columns.values())))
    cells = pd.DataFrame({index: text(cells) for index, cells in enumerate(columns.values())})
    table = DataTable(tuple(columns), cells, np.arange(1, height + 1))
    fields = {name: index for index, name in enumerate(columns)}
    return Sheet(table, fields, Options(TODAY, "USD", "key"))


def notes(sheet: Sheet) -> list[tuple[int, str, str, str]]:
    assert not sheet.bad.any()
    return [(note.row, note.field, note.problem.code, note.action) for note in sheet.problems]


@given(ADDRESS, AROUND)
def test_an_address_is_read_whatever_stands_around_it(address: str, around: str) -> None:
    sheet = sheet_of(email=[around.format(address)])
    assert listed(contacts.emails(sheet)["email"]) == [address]
    assert notes(sheet) == []


@given(
    st.lists(ADDRESS, min_size=2, max_size=4, unique=True),
    st.sampled_from([";", ", ", " ", "|", "\n"]),
)
def test_several_addresses_in_a_cell(addresses: list[str], mark: str) -> None:
    read = contacts.emails(sheet_of(email=[mark.join(addresses)], other_emails=["z@z.example"]))
    assert listed(read["email"]) == addresses[:1]
    assert listed(read["other_emails"]) == ["\n".join([*addresses[1:], "z@z.example"])]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_an_unreadable_email_never_refuses_its_row(cells: list[str]) -> None:
    sheet = sheet_of(email=[*cells, "ada@x.example"])
    read = listed(contacts.emails(sheet)["email"])
    notes(sheet)
    assert read[-1] == "ada@x.example"
    assert all(email is None or "@" in email for email in read)
    for cell, email, row in zip(cells, read, range(1, 9), strict=False):
        if sheet.text("email").notna()[row - 1] and email is None:
            assert row in {note.row for note in sheet.problems}, cell


@pytest.mark.parametrize(
    "cell", ["N/A", "n/a", "none", "null", "NULL", "-", "--", "unknown", "nil", "#N/A", "na", ""]
)
def test_placeholders_are_empty(cell: str) -> None:
    sheet = sheet_of(
        **{name: [cell] for name in ("email", "phone", "other_phones", "street", "city")}
    )
    read = contacts.emails(sheet) | contacts.phones(sheet) | contacts.address(sheet)
    blank = {name for name, column in read.items() if listed(column) == [None]}
    assert blank >= {"email", "other_emails", "phone", "other_phones"}
    assert ("street" in blank) is (cell != "na")
    assert notes(sheet) == []


def test_what_cannot_be_read_is_left_empty_and_noted() -> None:
    sheet = sheet_of(
        email=["ann at home", "a@x.example or b@y", "a@b", "a@x.example"],
        phone=["call me", "5.55E+09", "5551234567.0; 555-0100", "+1 555 0100"],
    )
    read = contacts.emails(sheet) | contacts.phones(sheet)
    assert listed(read["email"]) == [None, "a@x.example", None, "a@x.example"]
    assert listed(read["phone"]) == [None, None, "5551234567", "+1 555 0100"]
    assert listed(read["other_phones"]) == [None, None, "555-0100", None]
    assert sorted(notes(sheet)) == [
        (1, "email", "not_an_email", "empty"),
        (1, "phone", "not_a_phone", "empty"),
        (2, "email", "email_partly_read", "note"),
        (2, "phone", "number_shortened", "empty"),
        (3, "email", "not_an_email", "empty"),
        (3, "phone", "decimals_removed", "note"),
    ]


def test_postcodes_lose_decimals_once_noted_and_no_zero_is_added() -> None:
    cells = ["90210.0", "2134.0", "02134", "EH6 6QQ", "9.02E+04", "12.05"]
    sheet = sheet_of(postal_code=cells)
    assert listed(contacts.address(sheet)["postal_code"]) == [
        "90210",
        "2134",
        "02134",
        "EH6 6QQ",
        None,
        "12.05",
    ]
    assert notes(sheet) == [
        (5, "postal_code", "number_shortened", "empty"),
        (1, "postal_code", "decimals_removed", "note"),
    ]


def test_one_cell_for_the_whole_address() -> None:
    read = contacts.address(sheet_of(street=["1 Elm St, Troy, NY 12180", "1 Elm St"]))
    assert [listed(read[name]) for name in ("street", "city", "state", "postal_code")] == [
        ["1 Elm St", "1 Elm St"],
        ["Troy", None],
        ["NY", None],
        ["12180", None],
    ]
