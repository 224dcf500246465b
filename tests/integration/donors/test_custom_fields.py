"""Columns kept as fields of the organisation's own: in, changed, out and back."""

import csv
import io
import json

import pytest
from sqlalchemy import text

from app import donors, exports, imports
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.imports.test_service import dump, ruth

__all__ = ["ruth"]
MAPPING = {"Name": "name", "Mail": "email", "Birthday": "custom", "Shirt: size": "custom"}
FILE = "Name,Mail,Birthday,Shirt: size,Ignored\nMara Vogel,m@v.example,1 May,L,x\nBo Ek,,,,y\n"


@pytest.fixture
def bring(db, ruth, today, now):
    def bring(data=FILE, **how):
        return imports.import_file(
            db,
            ruth,
            imports.ImportRequest(
                "f.csv", data.encode(), **{"kind": "donors", "mapping": MAPPING} | how
            ),
            today=today,
            now=now,
        )

    return bring


def custom(db):
    rows = db.execute(text("select name, custom from donor order by name")).all()
    return {name: values for name, values in rows if values}


def test_columns_become_fields_and_undo_takes_them_back(db, ruth, now, bring):
    before = dump(db)
    seen = bring()
    assert custom(db) == {"Mara Vogel": {"Birthday": "1 May", "Shirt size": "L"}}
    fields = {one.name: one.after for one in seen.rows[0].fields}
    assert fields["custom"] == "Birthday: 1 May, Shirt size: L"
    again = bring().plan.main
    assert (again.update, again.skip) == (0, 2)
    imports.undo(db, ruth, run_id=seen.run_id, now=now)
    assert dump(db) == before


@pytest.mark.parametrize(
    ("way", "birthday"),
    [
        ("fill", "1 May"),
        ("overwrite", "2 May"),
        ("keep", "1 May"),
    ],
)
def test_a_field_is_filled_replaced_or_kept(db, bring, way, birthday):
    bring()
    newer = FILE.replace("1 May", "2 May").replace("Shirt: size", "Shoe")
    bring(newer, mapping=MAPPING | {"Shoe": "custom"}, policies={"custom": way})
    wanted = {"Birthday": birthday, "Shirt size": "L"} | ({} if way == "keep" else {"Shoe": "L"})
    assert custom(db) == {"Mara Vogel": wanted}


def test_they_come_beside_gifts_too(db, bring):
    gifts = "Name,Birthday,Amount,Date\nMara Vogel,1 May,50,2026-01-05\n"
    chosen = {"Name": "name", "Birthday": "custom", "Amount": "amount", "Date": "gift_date"}
    bring(gifts, kind="gifts", mapping=chosen)
    assert custom(db) == {"Mara Vogel": {"Birthday": "1 May"}}


def test_they_go_out_and_come_back(db, ruth, today, now, bring):
    bring()
    out = io.BytesIO()
    exports.write(db, ruth, kind="donors", out=out, form="csv", today=today)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    told = {row["name"]: row["custom"] for row in rows}
    assert json.loads(told["Mara Vogel"]) == {"Birthday": "1 May", "Shirt size": "L"}
    assert told["Bo Ek"] == ""

    def plan_of(data):
        request = imports.ImportRequest("d.csv", data)
        return imports.import_file(db, ruth, request, today=today, now=now).plan.main

    again = plan_of(out.getvalue())
    assert (again.update, again.skip) == (0, 2)
    changed = out.getvalue().replace(b"1 May", b"3 May")
    assert plan_of(changed).update == 1
    assert custom(db)["Mara Vogel"]["Birthday"] == "3 May"
    broken = out.getvalue().replace(b'{""Birthday""', b'{{""Birthday""')
    (problem,) = plan_of(broken).problems
    assert problem.reason == "These are not fields of a donor. Export the file again."


def test_a_person_edits_them_a_line_each(db, ruth, today):
    donor = make.donor(db, ruth, "Mara Vogel")
    old = donors.get(db, ruth, donor, today=today)
    assert old.fields.more is None

    def save(more):
        fields = donors.DonorFields(name="Mara Vogel", more=more, owner_id=ruth.user_id)
        version = donors.get(db, ruth, donor, today=today).version
        return donors.update(db, ruth, donor_id=donor, version=version, fields=fields, today=today)

    assert save("Birthday: 1 May\nChurch: St Ann").fields.more == "Birthday: 1 May\nChurch: St Ann"
    assert custom(db) == {"Mara Vogel": {"Birthday": "1 May", "Church": "St Ann"}}
    with pytest.raises(InvalidError, match="is not a field"):
        save("Birthday")
    assert save(" ").fields.more is None
    assert custom(db) == {}


def test_who_sees_no_amounts_reads_none_in_them(db, ruth, today):
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, "coach")
    donor = make.donor(db, ruth, "Mara Vogel", custom={"Promised": "500 EUR a year"})
    assert "500" in str(donors.get(db, ruth, donor, today=today).fields.more)
    assert "500" not in str(donors.get(db, coach, donor, today=today).fields.more)
