"""The plan row by row says what will stand where, and the import then does just that."""

import pytest
from sqlalchemy import text

from app import imports
from app.imports import FieldChange
from tests import factories as make
from tests.integration.imports.test_service import bring, ruth

__all__ = ["bring", "ruth"]


@pytest.fixture
def look(db, ruth, today):
    def look(data, **how):
        seen = imports.preview(db, ruth, file_name="f.csv", data=data.encode(), today=today, **how)
        return {one.row: one for one in seen.rows}

    return look


def test_donors(db, ruth, look, bring):
    mara = make.donor(
        db,
        ruth,
        "Mara Vogel",
        email="mara@example.org",
        phone="555 0100",
        tag="choir",
        first_name="Mara",
        last_name="Vogel",
        address={"street": "1 Oak St", "city": "Delft"},
    )
    names = {"first_name": "Tom", "last_name": "Hall"}
    make.donor(db, ruth, "Tom Hall", email="tom@example.org", notes="Kept", **names)
    data = (
        "name,email,phone,notes,city,tags\n"
        "Mara Vogel,mara@example.org,555 0199,Likes tea,Delft,Choir; board\n"
        "Tom Hall,tom@example.org,,Other,,\n"
        "Ivy Lane,ivy@example.org,555 0111,,Leiden,\n"
        "Broken,not an address,,,,\n"
    )
    rows = look(data)
    one, same, new = (rows[number] for number in (2, 3, 4))
    assert (one.action, one.who, one.kind) == ("update", "Mara Vogel", "donors")
    assert one.fields == (
        FieldChange("notes", None, "Likes tea"),
        FieldChange("phone", "555 0100", "555 0100, 555 0199"),
        FieldChange("tags", "choir", "choir, board"),
    )
    assert (same.action, same.fields) == ("skip", ())
    assert (new.action, new.fields) == (
        "create",
        (
            FieldChange("email", None, "ivy@example.org"),
            FieldChange("phone", None, "555 0111"),
            FieldChange("street", None, "Leiden"),
        ),
    )
    bring(data)
    after = db.execute(
        text(
            "select notes, (select string_agg(phone, ', ' order by is_primary desc, id)"
            " from donor_phone where donor_id = d.id) from donor d where id = :id"
        ),
        {"id": mara},
    ).one()
    assert tuple(after) == ("Likes tea", "555 0100, 555 0199")
    assert {row.action for row in look(data).values()} <= {"skip", "error"}


def test_gifts_and_pledges_spell_money_and_days(db, ruth, look, bring):
    bring("entity_id,name,email,phone,address,entity_type\nE1,Hanna Vogel,h@v.example,,,\n")
    bring("fund_id,name,status\nF1,General,active\nF2,Camp,active\n")
    head = "transaction_id,entity_id,fund_id,amount,posted_date\n"
    bring(f"{head}T1,E1,F1,50.00,2026-01-05\n")
    rows = look(
        f"{head}T1,E1,F2,75.50,2026-01-05\nT2,E1,F1,10,2026-02-05\nT3,X9,F1,1,2026-01-01\n"
    )
    assert rows[2].fields == (
        FieldChange("amount", "50.00 USD", "75.50 USD"),
        FieldChange("fund", "General", "Camp"),
    )
    assert (rows[3].action, rows[3].who) == ("create", "Hanna Vogel")
    assert {one.name: one.after for one in rows[3].fields} == {
        "amount": "10.00 USD",
        "date": "2026-02-05",
        "fund": "General",
    }
    assert (rows[4].action, rows[4].fields) == ("error", ())
    assert rows[4].reason
    plan = "pledge_id,entity_id,fund_id,amount,cadence,status,start_date\n"
    bring(f"{plan}P1,E1,F1,50,Monthly,active,2026-01-05\n")
    changed = look(f"{plan}P1,E1,F1,60,Quarterly,active,2026-01-05\n")[2]
    assert changed.fields == (
        FieldChange("amount", "50.00 USD", "60.00 USD"),
        FieldChange("frequency", "monthly", "quarterly"),
    )
    fund = look("fund_id,name,status\nF2,Camp,closed\n")[2]
    assert fund.action == "skip" or fund.fields == (FieldChange("status", "active", "closed"),)


def test_only_the_first_rows_of_every_fate_are_shown(db, ruth, look, bring):
    rows = [f"Person {n},p{n}@example.org" for n in range(imports.SHOWN + 50)]
    data = "\n".join(["name,email", *rows]) + "\n"
    shown = look(data)
    assert len(shown) == imports.SHOWN
    assert min(shown) == 2
    bring(data)
    again = look(data + "\n".join(f"New {n},n{n}@example.org" for n in range(3)) + "\n")
    fates = [one.action for one in again.values()]
    assert (fates.count("skip"), fates.count("create")) == (imports.SHOWN, 3)


def test_a_mixed_file_shows_the_person_and_the_gift(db, ruth, today):
    data = "donor_name,donor_email,amount,date\nBert Boot,bert@x.org,10.00,2026-02-01\n"
    seen = imports.preview(
        db,
        ruth,
        file_name="g.csv",
        data=data.encode(),
        kind="gifts",
        today=today,
        mapping={
            "donor_name": "name",
            "donor_email": "email",
            "amount": "amount",
            "date": "gift_date",
        },
    )
    assert [(one.kind, one.action, one.who) for one in seen.rows] == [
        ("donors", "create", "Bert Boot"),
        ("gifts", "create", "bert@x.org"),
    ]
