"""Defined custom fields in files: exported as columns, suggested and imported by their names."""

import csv
import io
import json
import zipfile
from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import donors, exports, imports
from app.accounts import Actor
from app.exports.custom_columns import with_custom_fields
from app.exports.queries.datasets import TABLE
from app.imports.mapping import custom_columns
from tests import factories as make

FILE = (
    "Name,Mail,joined,Volunteer,Shirt,Children\n"
    'Mara Vogel,m@v.example,23.11.2026,ja,m,"1.234,5"\n'
    "Bo Ek,b@e.example,01/02/2026,maybe,XL,two\n"
)


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db)
    make.custom_field(db, "Joined", "date")
    make.custom_field(db, "Volunteer", "yes-no")
    make.custom_field(db, "Shirt", "choice", "S", "M")
    make.custom_field(db, "Children", "number")
    return make.person(db, "admin")


def custom(db: Session) -> dict[str, dict[str, str]]:
    rows = db.execute(text("select name, custom from donor order by name")).all()
    return {name: values for name, values in rows if values}


def exported(db: Session, actor: Actor, today: date, *columns: str) -> tuple[bytes, list[str]]:
    out = io.BytesIO()
    query = exports.ExportQuery(None, columns)
    exports.write(db, actor, kind="donors", out=out, form="csv", today=today, query=query)
    (header, *_) = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig")))
    return out.getvalue(), header


def test_columns_named_like_a_field_are_suggested_and_imported(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    layout = imports.inspect_file(db, ada, data=FILE.encode())
    assert [header for header, field in layout.mapping.items() if field == "custom"] == [
        "joined",
        "Volunteer",
        "Shirt",
        "Children",
    ]
    assert not layout.drafted
    request = imports.ImportRequest("f.csv", FILE.encode(), kind="donors")
    preview = imports.import_file(db, ada, request, today=today, now=now)
    assert custom(db) == {
        "Mara Vogel": {
            "Joined": "2026-11-23",
            "Volunteer": "true",
            "Shirt": "M",
            "Children": "1234.5",
        }
    }
    notes = {
        note.field: (note.row, note.problem.code, note.reason) for note in preview.plan.main.notes
    }
    code, empty = "custom_field_invalid", "The cell is left empty."
    assert notes == {
        "joined": (3, code, "Joined: “01/02/2026” is not a date such as 2026-11-23. " + empty),
        "Volunteer": (3, code, "Volunteer: “maybe” is not yes or no. " + empty),
        "Shirt": (3, code, "Shirt: “XL” is not one of S, M. " + empty),
        "Children": (3, code, "Children: “two” is not a number such as 1234.5. " + empty),
    }


def test_a_chosen_date_order_and_decimal_mark_decide(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    data = b'Name,Joined,Children\nMara Vogel,01/02/2026,"1,234"\n'
    request = imports.ImportRequest(
        "f.csv", data, kind="donors", date_order="dmy", decimal="point"
    )
    imports.import_file(db, ada, request, today=today, now=now)
    assert custom(db) == {"Mara Vogel": {"Joined": "2026-02-01", "Children": "1234"}}


def test_gifts_have_fields_only_beside_the_name_of_their_donor(db: Session, ada: Actor) -> None:
    with_name = "Name,Shirt,Amount,Date\nMara Vogel,M,50,2026-01-05\n"
    without = "Mail,Shirt,Amount,Date\nm@v.example,M,50,2026-01-05\n"
    fields = donors.custom_fields(db)
    for data, field in ((with_name, "custom"), (without, None)):
        layout = imports.inspect_file(db, ada, data=data.encode())
        assert layout.mapping.get("Shirt") == field
    assert custom_columns.named_like_fields(fields, ["SHIRT", "Shirt:", "Size"]) == [
        "SHIRT",
        "Shirt:",
    ]


def test_a_file_of_donors_has_a_column_for_each_field_and_is_imported_again(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    values = {"Volunteer": "false", "Shirt": "M", "Church": "St Ann"}
    make.donor(db, ada, "Mara Vogel", custom=values)
    data, header = exported(db, ada, today)
    place = header.index("custom")
    assert header[place - 4 : place] == ["Joined", "Volunteer", "Shirt", "Children"]
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert [row[name] for name in header[place - 4 : place]] == ["", "no", "M", ""]
    assert json.loads(row["custom"]) == {"Church": "St Ann"}

    def plan(data: bytes) -> tuple[int, int]:
        request = imports.ImportRequest("d.csv", data)
        main = imports.import_file(db, ada, request, today=today, now=now).plan.main
        return main.update, main.skip

    layout = imports.inspect_file(db, ada, data=data)
    assert layout.mapping["Shirt"] == "custom"
    assert plan(data) == (0, 1)
    assert plan(data.replace(b",M,", b",s,")) == (1, 0)
    assert custom(db) == {"Mara Vogel": values | {"Shirt": "S"}}


def test_the_columns_belong_to_the_column_of_custom_fields(
    db: Session, ada: Actor, today: date
) -> None:
    make.custom_field(db, "Pastor's name (old)", is_open=False)
    make.donor(db, ada, "Mara Vogel", custom={"Pastor's name (old)": "=1+1"})
    assert exported(db, ada, today, "name", "email")[1] == ["name", "email"]
    data, header = exported(db, ada, today, "name", "custom")
    names = ["Joined", "Volunteer", "Shirt", "Children", "Pastor's name (old)"]
    assert header == ["name", *names, "custom"]
    # a spreadsheet must not run what a user has typed
    assert b"'=1+1" in data
    assert list(with_custom_fields(db, TABLE["funds"].columns)) == list(TABLE["funds"].columns)
    out = io.BytesIO()
    exports.write(db, ada, kind="donors", out=out, form="xlsx", today=today)
    assert out.getvalue()[:2] == b"PK"


def test_hidden_names_hide_their_fields(db: Session, ada: Actor, today: date) -> None:
    make.donor(db, ada, "Mara Vogel", custom={"Shirt": "M"}, anonymous=True)
    data, _ = exported(db, make.person(db, "read_only"), today)
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (row["name"], row["Shirt"], row["custom"]) == ("Anonymous", "", "")


def test_a_subject_access_file_has_the_values(db: Session, ada: Actor) -> None:
    donor = make.donor(db, ada, "Mara Vogel", custom={"Shirt": "M"})
    out = io.BytesIO()
    exports.write_subject(db, ada, donor_id=donor, out=out)
    with zipfile.ZipFile(out) as file:
        everything = json.loads(file.read("everything.json"))
    assert "M" in json.dumps(everything)
    assert any("Shirt" in json.dumps(row) for row in everything["donor"])
