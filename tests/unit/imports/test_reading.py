"""Bytes → cells: encodings, delimiters, headers, rows that are not data, hostile files."""

import pytest

from app.file_reader import presets
from app.file_reader.encoding import MAX_FIELD
from app.file_reader.header import normal
from app.file_reader.table import Table, read
from app.imports.mapping import columns
from app.kit.errors import InvalidError
from app.kit.security.csv_injection import safe

GIFTS = "transaction_id,entity_id,fund_id,amount,posted_date\n007,E1,F1,12.50,2024-01-05\n"
CONTACTS = "first_name,last_name,email,phone,street_address,city,state,postal_code,country,notes\n"


def table(data: bytes | str) -> Table:
    return read(
        data.encode() if isinstance(data, str) else data,
        is_header=lambda row: presets.recognise(row) is not None,
    )


def rows(data: bytes | str) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in table(data).cells.to_pylist()]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GIFTS.encode(), id="utf-8"),
        pytest.param(b"\xef\xbb\xbf" + GIFTS.encode(), id="byte-order mark"),
        pytest.param(GIFTS.encode("utf-16"), id="utf-16 with mark"),
        pytest.param(GIFTS.encode("utf-16-le"), id="utf-16 without mark"),
        pytest.param(GIFTS.encode("utf-16-be"), id="utf-16 big-endian"),
        pytest.param(GIFTS.replace("\n", "\r\n").encode(), id="windows lines"),
        pytest.param(GIFTS.replace("\n", "\r").encode(), id="old mac lines"),
        pytest.param(GIFTS.replace(",", ";").encode(), id="semicolons"),
        pytest.param(GIFTS.replace(",", "\t").encode(), id="tabs"),
        pytest.param(GIFTS.replace(",", "|").encode(), id="pipes"),
        pytest.param(GIFTS.replace("12.50", "12\0.50").encode(), id="nul byte"),
        pytest.param(GIFTS.rstrip().encode(), id="no last line end"),
        pytest.param(b"Report of May\n\n" + GIFTS.encode(), id="preamble"),
        pytest.param(GIFTS.encode() + b",,,,\n\n", id="blank rows"),
        pytest.param(GIFTS.encode() + b"Total,,,12.50,\n", id="totals"),
        pytest.param(GIFTS.encode() + GIFTS.splitlines()[0].encode() + b"\n", id="header again"),
        pytest.param(GIFTS.encode() + b"Generated on 2024-05-01,,,,\n", id="trailer"),
    ],
)
def test_encodings_delimiters_and_extra_rows_give_the_same_cells(data: bytes) -> None:
    assert rows(data) == [("007", "E1", "F1", "12.50", "2024-01-05")]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-8"])
def test_accents_survive(encoding: str) -> None:
    data = f"{CONTACTS}Zoë,Müller,z@x.example,,,,,02134,,ñ\n".encode(encoding)
    assert rows(data)[0][:2] == ("Zoë", "Müller")
    assert rows(data)[0][7] == "02134"


def test_rows_keep_the_number_a_spreadsheet_shows() -> None:
    data = f'{CONTACTS}A,B,,,,,,,,"one\ntwo"\n\nC,D,,,,,,,,\n'
    assert table(data).rows.tolist() == [2, 4]


def test_left_out_rows_say_why() -> None:
    data = "Export\n" + GIFTS + "Totals,,,12.50,\n"
    assert [(row.row, row.reason) for row in table(data).left_out] == [
        (1, "Above the header"),
        (4, "A totals row"),
    ]


def test_help_row_is_left_out() -> None:
    data = CONTACTS + "(required),(required),optional,optional,,,,,,\nAnn,Lee,,,,,,,,\n"
    assert [row[0] for row in rows(data)] == ["Ann"]


def test_last_column_deleted_and_rows_of_other_lengths() -> None:
    data = "entity_id,name,email\nE1,Ann\nE2,Bo,b@x.example,more\nE3,Cy,c@x.example\n"
    wide = table(data)
    assert [row[0] for row in rows(data)] == ["E1", "E2", "E3"]
    assert wide.ragged == {3: 4}


def test_long_notes_multi_line_cells_and_quoted_delimiters() -> None:
    note = "x" * 30_000
    assert rows(f'{CONTACTS}"Lee, Ann",B,,,"1 A St\nFlat 2",,,,,{note}\n')[0][0] == "Lee, Ann"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \n\n", "empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf", "empty", id="only a mark"),
        pytest.param(GIFTS.splitlines()[0].encode(), "no rows under it", id="header only"),
        pytest.param(b"," * 10_000_000, "more than 2,000 columns", id="10 MB of commas"),
        pytest.param(b"a," * 2_001 + b"\n1\n", "columns", id="2,001 columns"),
        pytest.param(bytes(range(256)) * 50, "not text", id="binary"),
        pytest.param(b"PK\x03\x04" + b"\0" * 100, "damaged", id="broken workbook"),
        pytest.param(b"\x89PNG\r\n", "picture", id="png"),
        pytest.param(f'{GIFTS}T2,"{"x" * (MAX_FIELD + 9)}'.encode(), "128 KB", id="giant cell"),
        pytest.param(f'{GIFTS}T2,"'.encode() + b"y\n" * MAX_FIELD, "128 KB", id="open quote"),
    ],
)
def test_hostile_files_are_refused_at_once(data: bytes, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        table(data)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Gift Amount ($)", "gift_amount"),
        ("giftAmount", "gift_amount"),
        ("Donor's First Name", "donors_first_name"),
        ("\ufeffÉmail ", "email"),
        ("", ""),
    ],
)
def test_headers_are_normalised(header: str, name: str) -> None:
    assert normal(header) == name


@pytest.mark.parametrize(
    ("header", "preset", "kind"),
    [
        ("posted_date,amount,fund_id,entity_id,transaction_id", "entities", "gifts"),
        ("Transaction ID,Entity ID,Amount,Extra", "entities", "gifts"),
        ("entity_id,name", "entities", "donors"),
        ("fund_id,name,status", "entities", "funds"),
        ("pledge_id,entity_id,fund_id,amount,cadence,status,start_date", "entities", "pledges"),
        (CONTACTS.strip(), "contacts", "donors"),
        ("id,name,status", "donorcrm", "funds"),
        ("id,donor_id,amount,currency,gift_date", "donorcrm", "gifts"),
        ("Name,Amount,Date", None, None),
        ("first_name,last_name,email,phone,city,amount,date", None, None),
    ],
)
def test_presets_are_recognised_in_any_order(
    header: str, preset: str | None, kind: str | None
) -> None:
    match = presets.recognise(header.split(","))
    assert (match and match.preset.name, match and match.part.kind) == (preset, kind)


def test_fields_are_guessed_from_headers() -> None:
    header = ["Donor Name", "E-mail", "Gift Amount", "Date", "Memo", "", "Date"]
    assert columns.guess_kind(header) == "gifts"
    assert columns.guess(header, "gifts") == {
        "name": 0,
        "email": 1,
        "amount": 2,
        "gift_date": 3,
        "note": 4,
    }


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("'=1", "''=1"),
        ("@x", "'@x"),
        ("-50.00", "-50.00"),
        ("+15550101", "+15550101"),
        ("+1 555", "'+1 555"),
        ("O'Brien", "O'Brien"),
    ],
)
def test_cells_that_look_like_formulas_are_escaped(cell: str, written: str) -> None:
    assert safe(cell) == written
