"""Headers, titles, several tables, many columns, rows that are not data, files of other kinds."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from app.file_reader import presets
from app.file_reader.table import Table, read
from app.imports.mapping import columns
from app.kit.errors import InvalidError

GIFTS = "Name,Amount,Date\nUlla Farn,50,2024-03-05\nPer Lind,30,2024-03-07\n"


def table(text: str) -> Table:
    return read(text.encode(), is_header=lambda row: presets.recognise(row) is not None)


def rows(text: str) -> list[tuple[str, ...]]:
    return [tuple(map(str, row.values())) for row in table(text).cells.to_pylist()]


def left_out(text: str) -> list[tuple[int, str]]:
    return [(row.row, row.reason) for row in table(text).left_out]


ADDRESS_BLOCK = (
    "Friends of the Harbour,,,\n12 Quay Street,,,\nAberdeen,,,\nTel. 555 0100,,,\n,,,\n"
    "Gifts of March,,,\n"
)


@pytest.mark.parametrize(
    ("text", "header", "first"),
    [
        pytest.param(
            "Report of,all gifts,of the,year,2024\n" + GIFTS,
            ("Name", "Amount", "Date"),
            "Ulla Farn",
            id="a title wider than the header",
        ),
        pytest.param(
            ADDRESS_BLOCK + "Name,Amount,Date,Note\nUlla Farn,50,2024-03-05,ok\n",
            ("Name", "Amount", "Date", "Note"),
            "Ulla Farn",
            id="row 7, after an address",
        ),
        pytest.param(
            "Name,Email,,,,\nUlla,u@f.example,a,b,c,d\nPer,p@l.example,a,b,c,d\n",
            ("Name", "Email", "", "", "", ""),
            "Ulla",
            id="blank headers",
        ),
        pytest.param(
            "Name,Email\nUlla,u@f.example,a,b,c\nPer,p@l.example,a,b,\n",
            ("Name", "Email", "Column 3", "Column 4", "Column 5"),
            "Ulla",
            id="a header narrower than the rows",
        ),
        pytest.param(
            "Vorname;Nachname;Straße;PLZ\nUlla;Farn;Weg 1;01067\n",
            ("Vorname", "Nachname", "Straße", "PLZ"),
            "Ulla",
            id="in German",
        ),
        pytest.param(
            "Wer;Wie viel;Wann\nUlla;50;2024-03-05\n",
            ("Wer", "Wie viel", "Wann"),
            "Ulla",
            id="of unknown words",
        ),
    ],
)
def test_the_header_is_found(text: str, header: tuple[str, ...], first: str) -> None:
    assert table(text).columns == header
    assert rows(text)[0][0] == first


HEADERS = st.sampled_from(
    [
        "First name,Last name,E-mail,City,Amount,Date",
        "Vorname,Nachname,E-Mail,Ort,Betrag,Datum",
        "Prénom,Nom,Courriel,Ville,Montant,Date",
        "Nombre,Apellidos,Correo electrónico,Ciudad,Importe,Fecha",
        "Voornaam,Achternaam,E-mail,Plaats,Bedrag,Datum",
        "Keresztnév,Vezetéknév,E-mail,Város,Összeg,Dátum",
        "Nome,Sobrenome,E-mail,Cidade,Valor,Data",
    ]
)
TITLES = st.lists(
    st.sampled_from(
        [
            "Friends of the Harbour,,,,,",
            "12 Quay Street,,,,,",
            "Report,of,all,the,gifts,of,this,year",
            "Account:,4711,,,,",
            ",,,,,",
            "Period,1/1/2024,to,31/12/2024,,",
        ]
    ),
    max_size=8,
)


@settings(max_examples=100)
@given(HEADERS, TITLES, st.integers(1, 5))
def test_a_header_is_found_below_any_titles(header: str, titles: list[str], height: int) -> None:
    row = "Ulla,Farn,u@f.example,Oslo,50,2024-03-05"
    found = table("\n".join([*titles, header, *[row] * height]))
    assert found.columns == tuple(header.split(","))
    assert found.height == height
    assert len(found.left_out) == len(titles)


def test_columns_without_a_name_are_said() -> None:
    found = table("Name,Email\nUlla,u@f.example,a\nPer,p@l.example,b\n")
    (note,) = found.notes
    assert "1 more" in note.sentence
    assert "“Column 3”" in note.sentence


def test_both_columns_of_a_repeated_header_stay() -> None:
    header = table("Name,Email,Email,Phone,Phone\nUlla,a@f.example,b@f.example,1,2\n").columns
    assert header == ("Name", "Email", "Email 2", "Phone", "Phone 2")
    assert columns.guess(header, "donors") == {
        "name": 0,
        "email": 1,
        "other_emails": 2,
        "phone": 3,
        "other_phones": 4,
    }


def test_numbered_headers_stay_distinct() -> None:
    header = table("Email,Email 2,Email,Name\na@f.example,b@f.example,c@f.example,Ulla\n").columns
    assert header == ("Email", "Email 2", "Email 3", "Name")


@pytest.mark.parametrize("width", [250, 2_000])
def test_many_columns_are_read(width: int) -> None:
    header = ",".join(["Name", "Email", *(f"c{number}" for number in range(width - 2))])
    assert len(table(f"{header}\nUlla,u@f.example{',x' * (width - 2)}\n").columns) == width


@pytest.mark.parametrize("blank", ["\n", ",,\n", "\n\n,,\n"])
@pytest.mark.parametrize("title", ["", "Donors of 2024,,\n"])
def test_the_rows_of_a_second_table_are_named(blank: str, title: str) -> None:
    text = f"{GIFTS}{blank}{title}First name,Last name,Email\nAda,Moor,a@m.example\n"
    assert [row[0] for row in rows(text)] == ["Ulla Farn", "Per Lind"]
    reasons = [reason for _, reason in left_out(text)]
    assert reasons[0] == "A second table begins here: First name, Last name, Email"
    assert set(reasons[1:]) == {"In the second table"}
    assert len(reasons) == (3 if title else 2)


def test_a_blank_line_alone_begins_no_table() -> None:
    text = f"{GIFTS}\nIda Moor,5,2024-03-09\n\nName,Amount,Date\nBo Ash,6,2024-03-10\n"
    assert [row[0] for row in rows(text)] == ["Ulla Farn", "Per Lind", "Ida Moor", "Bo Ash"]
    assert left_out(text) == [(7, "The header again")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('[{"name": "Ulla", "amount": 5}]', "JSON"),
        ('{"name": "Ulla", "amount": 5}\n{"name": "Per", "amount": 6}\n', "JSON"),
        ('\n[\n  {\n    "name": "Ulla"}]', "JSON"),
        ("<html><body><table><tr><td>Ulla</td></tr></table></body></html>", "HTML"),
        ("<!DOCTYPE html>\n<table><tr><td>Ulla</td></tr></table>", "HTML"),
        ("<table border=1><tr><td>Ulla</td></tr></table>", "HTML"),
        ('<?xml version="1.0"?>\n<Workbook></Workbook>', "XML"),
        ("{\\rtf1\\ansi Ulla}", "RTF"),
    ],
)
def test_files_of_other_kinds_are_named(text: str, kind: str) -> None:
    with pytest.raises(InvalidError, match=f"This is an? .*{kind}.* Save it as CSV"):
        table(text)


TOTALS = [
    *("Total", "Totals:", "Grand Total", "Subtotal", "Sum:", "Net total"),
    *("Summe", "Gesamt", "Gesamtsumme", "Endsumme", "Zwischensumme:", "Insgesamt"),
    *("Total général", "Sous-total", "Montant total", "Suma", "Total general", "Importe total"),
    *(
        "Totaal",
        "Subtotaal",
        "Eindtotaal",
        "Totaalbedrag",
        "Összesen",
        "Végösszeg",
        "Mindösszesen",
    ),
    *("Soma", "Valor total", "Totais"),
]


@pytest.mark.parametrize("word", TOTALS)
def test_totals_rows_are_left_out(word: str) -> None:
    assert left_out(f"{GIFTS}{word},80,\n") == [(4, "A totals row")]
    assert left_out(f"{GIFTS}{word.upper()},80.00,\n") == [(4, "A totals row")]


TRAILERS = [
    *("Confidential", "Page 1 of 2", "Generated on 2024-05-01", "2 records", "End of report"),
    *("Seite 1", "Erstellt am 05.03.2024", "Vertraulich", "Imprimé le 5 mars", "Fin du rapport"),
    *("Página 2", "Generado el 5 de marzo", "Pagina 3", "Afgedrukt op 5 maart", "Bizalmas"),
    *("Készült: 2024.03.05", "Gerado em 5 de março", "# 2 lines", "---"),
]


@pytest.mark.parametrize("word", TRAILERS)
def test_lines_of_the_report_are_left_out(word: str) -> None:
    assert left_out(f"{GIFTS}{word},,\n") == [(4, "A line of the report, not data")]


NAMES = st.sampled_from(
    [
        *("Total Wine", "Confidential Donor", "Page 1 Books", "Summe GmbH", "Gesamt AG"),
        *("Suma Foundation", "Totaal Bouw BV", "Összesen Kft.", "Soma Ltd", "Report by Ann"),
        *("Vertraulich e.V.", "End of Report Inc", "Copyright Agency", "Sum of Us"),
    ]
)
DATES = st.sampled_from(
    ["2024-03-05", "05.03.2024", "3/5/2024", "5 March 2024", "March 5, 2024", "2024. 03. 05."]
)
AMOUNTS = st.sampled_from(["50", "50.00", "1.234,50", "$5", "EUR 50", "50 €", "(20.00)", "50,-"])


@pytest.mark.parametrize("word", ["Total", "Gesamtsumme:", "Végösszeg"])
def test_a_total_on_a_date_is_no_gift(word: str) -> None:
    text = "Name,Email,City,Amount,Date\nUlla,u@f.example,Oslo,5,2024-03-05\n"
    assert left_out(f"{text}{word},,,5,2024-03-31\n") == [(3, "A totals row")]


@settings(max_examples=150)
@given(NAMES, AMOUNTS, DATES, st.integers(0, 6), st.integers(0, 3))
def test_a_row_with_an_amount_and_a_date_is_data(
    name: str, amount: str, date: str, blank: int, before: int
) -> None:
    """Whatever its donor is called, and however few of its cells are filled."""
    header = ["Name", *(f"Field {number}" for number in range(blank)), "Amount", "Date"]
    empty = [""] * blank
    other = "\t".join(["Ulla Farn", *empty, "5", "2024-03-05"])
    row = [name, *empty, amount, date]
    text = "\n".join(["\t".join(header), *[other] * before, "\t".join(row)])
    assert rows(text)[-1] == tuple(row)
    assert left_out(text) == []
