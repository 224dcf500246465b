"""Ids of another system in a file with columns of its own: what the plan says about them."""

from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor, Role
from app.kit.errors import NotAllowedError
from tests import factories as make

DONORS = b"Id,Full name,Email\nC1,Ann Lee,ann@new.example\nC2,Bo Ek,\nC9,Di Gu,\n"
GIFTS = b"Id,Donor id,Amount,Date\nG1,C1,10,2026-01-05\nG2,C1,10,2026-02-05\nG3,C7,5,2026-01-06\n"
GIFT_COLUMNS = {
    "Id": "external_id",
    "Donor id": "donor_external_id",
    "Amount": "amount",
    "Date": "gift_date",
}


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    ruth = make.person(db, name="Ruth")
    make.donor(db, ruth, "Ann Lee", external=("civicrm", "C1"))
    make.donor(db, ruth, "Bo Ek", external=("civicrm", "C2"))
    make.donor(db, ruth, "Cy Vane", external=("paypal", "C9"))
    make.donor(db, make.person(db), "Di Gu", external=("civicrm", "C8"))
    return ruth


def plan(db: Session, actor: Actor, today: date, data: bytes, **options: object) -> imports.Plan:
    columns = {"Id": "external_id", "Full name": "name", "Email": "email"}
    values = {"kind": "donors", "mapping": columns} | options
    request = imports.ImportRequest("a.csv", data, **values)  # type: ignore[arg-type]
    return imports.preview(db, actor, request, today=today).plan


def test_the_plan_says_how_many_donors_are_known_by_the_ids_of_a_system(
    db: Session, ruth: Actor, today: date
) -> None:
    planned = plan(db, ruth, today, DONORS, source="civicrm")
    assert "Ids are those of CiviCRM: 2 of 3 donors are known by them." in planned.assumed
    assert planned.main.create == 1
    planned = plan(db, ruth, today, DONORS, source="My list")
    assert "Ids are those of My list: none of 3 donors is known by them." in planned.assumed
    planned = plan(db, ruth, today, DONORS)
    assert not [each for each in planned.assumed if each.startswith("Ids")]


def test_the_donors_of_gifts_are_counted_once_each(db: Session, ruth: Actor, today: date) -> None:
    options = {"kind": "gifts", "mapping": GIFT_COLUMNS, "source": "civicrm"}
    planned = plan(db, ruth, today, GIFTS, **options)
    assert "Ids are those of CiviCRM: 1 of 2 donors is known by them." in planned.assumed
    assert planned.main.create == 2


def test_donors_of_others_are_not_counted(db: Session, ruth: Actor, today: date) -> None:
    planned = plan(db, ruth, today, DONORS.replace(b"C1", b"C8"), source="civicrm")
    assert "Ids are those of CiviCRM: 1 of 3 donors is known by them." in planned.assumed


@pytest.mark.parametrize(
    ("kind", "data", "noun"),
    [
        ("funds", b"fund_no,fund\nF1,Camp\n", "fund"),
        ("gifts", b"no,mail,sum,day\nG1,ann@x.example,10,2026-01-05\n", "gift"),
        ("pledges", b"no,mail,sum,day,how\nP1,ann@x.example,10,2026-01-05,monthly\n", "pledge"),
    ],
)
def test_without_ids_of_donors_the_records_are_counted(
    db: Session, ruth: Actor, today: date, now: datetime, kind: str, data: bytes, noun: str
) -> None:
    db.execute(
        text(
            "insert into donor_email (donor_id, email, is_primary)"
            " select id, 'ann@x.example', true from donor where name = 'Ann Lee'"
        )
    )
    mapping = {
        "funds": {"fund_no": "external_id", "fund": "name"},
        "gifts": {"no": "external_id", "mail": "email", "sum": "amount", "day": "gift_date"},
        "pledges": {
            "no": "external_id",
            "mail": "email",
            "sum": "amount",
            "day": "start_date",
            "how": "frequency",
        },
    }[kind]
    options = {"kind": kind, "mapping": mapping, "source": "mpdx"}
    planned = plan(db, ruth, today, data, **options)
    assert f"Ids are those of MPDX: none of 1 {noun} is known by them." in planned.assumed
    request = imports.ImportRequest("a.csv", data, **options)  # type: ignore[arg-type]
    imports.import_file(db, ruth, request, today=today, now=now)
    planned = plan(db, ruth, today, data, **options)
    assert f"Ids are those of MPDX: 1 of 1 {noun} is known by them." in planned.assumed


def test_the_sources_are_those_of_the_actors_donors(db: Session, ruth: Actor) -> None:
    assert imports.id_sources(db, ruth) == ["civicrm", "paypal"]
    assert imports.id_sources(db, make.person(db)) == []
    assert imports.id_sources(db, make.person(db, Role.ADMIN)) == ["civicrm", "paypal"]
    with pytest.raises(NotAllowedError):
        imports.id_sources(db, make.person(db, Role.COACH))


def test_a_typed_name_is_that_of_a_known_system_or_a_new_one() -> None:
    assert imports.source_of("  civiCRM ") == "civicrm"
    assert imports.source_of("Raiser's Edge") == "raisers_edge"
    assert imports.source_of("paypal") == "paypal"
    assert imports.source_of("My  list") == "My list"
    assert imports.source_of(" ") == imports.source_of("the file itself") == imports.FILE
    assert imports.source_name("My list") == "My list"
