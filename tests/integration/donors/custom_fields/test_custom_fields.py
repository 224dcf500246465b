"""Custom fields: import, edit, export and import again."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Unpack

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import donors, exports, imports
from app.accounts import Actor
from app.imports.planning.plan import Part
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.imports.test_service import dump, ruth
from tests.values import ImportChoices

__all__ = ["ruth"]
MAPPING = {"Name": "name", "Mail": "email", "Birthday": "custom", "Shirt: size": "custom"}
FILE = "Name,Mail,Birthday,Shirt: size,Ignored\nMara Vogel,m@v.example,1 May,L,x\nBo Ek,,,,y\n"


@pytest.fixture
def import_csv(
    db: Session, ruth: Actor, today: date, now: datetime
) -> Callable[..., imports.Preview]:
    def import_csv(data: str = FILE, **options: Unpack[ImportChoices]) -> imports.Preview:
        options.setdefault("kind", "donors")
        options.setdefault("mapping", MAPPING)
        return imports.import_file(
            db,
            ruth,
            imports.ImportRequest("f.csv", data.encode(), **options),
            today=today,
            now=now,
        )

    return import_csv


def custom(db: Session) -> dict[str, dict[str, str]]:
    rows = db.execute(text("select name, custom from donor order by name")).all()
    return {name: values for name, values in rows if values}


def test_columns_become_custom_fields_and_undo_removes_them(
    db: Session, ruth: Actor, now: datetime, import_csv: Callable[..., imports.Preview]
) -> None:
    before = dump(db)
    preview = import_csv()
    assert custom(db) == {"Mara Vogel": {"Birthday": "1 May", "Shirt size": "L"}}
    fields = {field.name: field.after for field in preview.rows[0].fields}
    assert fields["custom"] == "Birthday: 1 May, Shirt size: L"
    second_plan = import_csv().plan.main
    assert (second_plan.update, second_plan.skip) == (0, 2)
    imports.undo(db, ruth, run_id=preview.run_id, now=now)
    assert dump(db) == before


@pytest.mark.parametrize(
    ("policy", "birthday"),
    [
        ("fill", "1 May"),
        ("overwrite", "2 May"),
        ("keep", "1 May"),
    ],
)
def test_import_policies_of_custom_fields(
    db: Session, import_csv: Callable[..., imports.Preview], policy: str, birthday: str
) -> None:
    import_csv()
    newer = FILE.replace("1 May", "2 May").replace("Shirt: size", "Shoe")
    import_csv(newer, mapping=MAPPING | {"Shoe": "custom"}, policies={"custom": policy})
    expected = {"Birthday": birthday, "Shirt size": "L"} | (
        {} if policy == "keep" else {"Shoe": "L"}
    )
    assert custom(db) == {"Mara Vogel": expected}


def test_custom_fields_in_a_file_of_gifts(
    db: Session, import_csv: Callable[..., imports.Preview]
) -> None:
    gifts = "Name,Birthday,Amount,Date\nMara Vogel,1 May,50,2026-01-05\n"
    mapping = {"Name": "name", "Birthday": "custom", "Amount": "amount", "Date": "gift_date"}
    import_csv(gifts, kind="gifts", mapping=mapping)
    assert custom(db) == {"Mara Vogel": {"Birthday": "1 May"}}


def test_custom_fields_are_exported_and_imported_again(
    db: Session,
    ruth: Actor,
    today: date,
    now: datetime,
    import_csv: Callable[..., imports.Preview],
) -> None:
    import_csv()
    out = io.BytesIO()
    exports.write(db, ruth, kind="donors", out=out, form="csv", today=today)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    custom_by_name = {row["name"]: row["custom"] for row in rows}
    assert json.loads(custom_by_name["Mara Vogel"]) == {"Birthday": "1 May", "Shirt size": "L"}
    assert custom_by_name["Bo Ek"] == ""

    def plan_of(data: bytes) -> Part:
        request = imports.ImportRequest("d.csv", data)
        return imports.import_file(db, ruth, request, today=today, now=now).plan.main

    again = plan_of(out.getvalue())
    assert (again.update, again.skip) == (0, 2)
    changed = out.getvalue().replace(b"1 May", b"3 May")
    assert plan_of(changed).update == 1
    assert custom(db)["Mara Vogel"]["Birthday"] == "3 May"
    broken = out.getvalue().replace(b'{""Birthday""', b'{{""Birthday""')
    (note,) = plan_of(broken).notes
    assert note.reason == (
        "These are not fields of a donor. Export the file again. The cell is left empty."
    )
    assert custom(db)["Mara Vogel"]["Birthday"] == "3 May"


def test_custom_fields_are_edited_as_lines(db: Session, ruth: Actor, today: date) -> None:
    donor = make.donor(db, ruth, "Mara Vogel")
    old = donors.get(db, ruth, donor, today=today)
    assert old.fields.more is None

    def save(text_lines: str) -> donors.DonorView:
        fields = donors.DonorFields(name="Mara Vogel", more=text_lines, owner_id=ruth.user_id)
        version = donors.get(db, ruth, donor, today=today).version
        return donors.update(db, ruth, donor_id=donor, version=version, fields=fields, today=today)

    assert save("Birthday: 1 May\nChurch: St Ann").fields.more == "Birthday: 1 May\nChurch: St Ann"
    assert custom(db) == {"Mara Vogel": {"Birthday": "1 May", "Church": "St Ann"}}
    with pytest.raises(InvalidError, match="is not a field"):
        save("Birthday")
    assert save(" ").fields.more is None
    assert custom(db) == {}


def test_amounts_in_custom_fields_are_masked(db: Session, ruth: Actor, today: date) -> None:
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, "coach")
    donor = make.donor(db, ruth, "Mara Vogel", custom={"Promised": "500 EUR a year"})
    assert "500" in str(donors.get(db, ruth, donor, today=today).fields.more)
    assert "500" not in str(donors.get(db, coach, donor, today=today).fields.more)
