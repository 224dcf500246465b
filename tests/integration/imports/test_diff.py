"""Row-by-row diff of a plan, and the same changes after the import."""

from collections.abc import Callable
from datetime import date
from typing import Unpack

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.imports import FieldChange
from tests import factories as make
from tests.integration.imports.test_service import ImportedPlan, bring, ruth
from tests.values import ImportChoices

__all__ = ["bring", "ruth"]


@pytest.fixture
def diff(db: Session, ruth: Actor, today: date) -> Callable[..., dict[int, imports.RowChange]]:
    def diff(data: str, **options: Unpack[ImportChoices]) -> dict[int, imports.RowChange]:
        preview = imports.preview(
            db, ruth, imports.ImportRequest("f.csv", data.encode(), **options), today=today
        )
        return {row.row: row for row in preview.rows}

    return diff


def test_changes_of_donors(
    db: Session,
    ruth: Actor,
    diff: Callable[..., dict[int, imports.RowChange]],
    bring: Callable[..., ImportedPlan],
) -> None:
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
    make.donor(
        db,
        ruth,
        "Tom Hall",
        email="tom@example.org",
        notes="Kept",
        first_name="Tom",
        last_name="Hall",
    )
    data = (
        "name,email,phone,notes,city,tags\n"
        "Mara Vogel,mara@example.org,555 0199,Likes tea,Delft,Choir; board\n"
        "Tom Hall,tom@example.org,,Other,,\n"
        "Ivy Lane,ivy@example.org,555 0111,,Leiden,\n"
        "Broken,not an address,,,,\n"
    )
    rows = diff(data)
    changed, same, new = (rows[number] for number in (2, 3, 4))
    assert (changed.action, changed.name, changed.kind) == ("update", "Mara Vogel", "donors")
    assert changed.fields == (
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
    assert {row.action for row in diff(data).values()} <= {"skip", "error"}


def test_changes_of_gifts_pledges_and_funds(
    db: Session,
    ruth: Actor,
    diff: Callable[..., dict[int, imports.RowChange]],
    bring: Callable[..., ImportedPlan],
) -> None:
    bring("entity_id,name,email,phone,address,entity_type\nE1,Hanna Vogel,h@v.example,,,\n")
    bring("fund_id,name,status\nF1,General,active\nF2,Camp,active\n")
    gift_header = "transaction_id,entity_id,fund_id,amount,posted_date\n"
    bring(f"{gift_header}T1,E1,F1,50.00,2026-01-05\n")
    rows = diff(
        f"{gift_header}T1,E1,F2,75.50,2026-01-05\nT2,E1,F1,10,2026-02-05\nT3,X9,F1,1,2026-01-01\n"
    )
    assert rows[2].fields == (
        FieldChange("amount", "50.00 USD", "75.50 USD"),
        FieldChange("fund", "General", "Camp"),
    )
    assert (rows[3].action, rows[3].name) == ("create", "Hanna Vogel")
    assert {field.name: field.after for field in rows[3].fields} == {
        "amount": "10.00 USD",
        "date": "2026-02-05",
        "fund": "General",
    }
    assert (rows[4].action, rows[4].fields) == ("error", ())
    assert rows[4].reason
    header = "pledge_id,entity_id,fund_id,amount,cadence,status,start_date\n"
    bring(f"{header}P1,E1,F1,50,Monthly,active,2026-01-05\n")
    changed = diff(f"{header}P1,E1,F1,60,Quarterly,active,2026-01-05\n")[2]
    assert changed.fields == (
        FieldChange("amount", "50.00 USD", "60.00 USD"),
        FieldChange("frequency", "monthly", "quarterly"),
    )
    fund = diff("fund_id,name,status\nF2,Camp,closed\n")[2]
    assert fund.action == "skip" or fund.fields == (FieldChange("status", "active", "closed"),)


def test_only_the_first_rows_of_each_action_are_listed(
    db: Session,
    ruth: Actor,
    diff: Callable[..., dict[int, imports.RowChange]],
    bring: Callable[..., ImportedPlan],
) -> None:
    rows = [f"Person {n},p{n}@example.org" for n in range(imports.MAX_ROWS_PER_ACTION + 50)]
    data = "\n".join(["name,email", *rows]) + "\n"
    shown = diff(data)
    assert len(shown) == imports.MAX_ROWS_PER_ACTION
    assert min(shown) == 2
    bring(data)
    again = diff(data + "\n".join(f"New {n},n{n}@example.org" for n in range(3)) + "\n")
    actions = [row.action for row in again.values()]
    assert (actions.count("skip"), actions.count("create")) == (imports.MAX_ROWS_PER_ACTION, 3)


def test_a_mixed_file_lists_the_donor_and_the_gift(db: Session, ruth: Actor, today: date) -> None:
    data = "donor_name,donor_email,amount,date\nBert Boot,bert@x.org,10.00,2026-02-01\n"
    preview = imports.preview(
        db,
        ruth,
        imports.ImportRequest(
            "g.csv",
            data.encode(),
            kind="gifts",
            mapping={
                "donor_name": "name",
                "donor_email": "email",
                "amount": "amount",
                "date": "gift_date",
            },
        ),
        today=today,
    )
    assert [(row.kind, row.action, row.name) for row in preview.rows] == [
        ("donors", "create", "Bert Boot"),
        ("gifts", "create", "Bert Boot"),
    ]


def test_a_pledge_of_a_new_donor_names_the_donor(db: Session, ruth: Actor, today: date) -> None:
    data = b"name,email,amount,frequency,start_date\nIvy Lane,i@x.example,5,monthly,2026-01-05\n"
    rows = imports.preview(db, ruth, imports.ImportRequest("f.csv", data), today=today).rows
    assert [(row.kind, row.name) for row in rows] == [
        ("donors", "Ivy Lane"),
        ("pledges", "Ivy Lane"),
    ]
