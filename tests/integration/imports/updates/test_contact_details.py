"""Types, seasons and preferences of donors in files: what an export writes comes back."""

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import donors, exports, imports
from app.accounts import Actor, Role
from app.donors import Address, AddressDetail, ContactDetail, EmailDetail, PhoneDetail
from tests import factories
from tests.values import present

DETAILS: tuple[ContactDetail, ...] = (
    EmailDetail("work@example.org", "work", do_not_use=True),
    PhoneDetail("+1 555-0102", "mobile"),
    AddressDetail(Address("3  Bay Rd\nFlat 2", "Naples", "FL"), "seasonal", "11-01", "03-31"),
    AddressDetail(Address(city="York"), "work", valid_from=date(2026, 1, 1), do_not_use=True),
)
HEADER = "id,kind,name,status,email,phone,other_emails,no_email,contact_details\n"


@pytest.fixture
def ada(db: Session) -> Actor:
    factories.organisation(db)
    return factories.person(db, role=Role.ADMIN)


@pytest.fixture
def mara(db: Session, ada: Actor, today: date) -> int:
    donor = factories.donor(
        db,
        ada,
        "Mara Vogel",
        email="mara@example.org",
        phone="+1 555-0101",
        address={"street": "1 Elm St", "city": "York"},
        deceased=True,
        deceased_on=date(2026, 1, 2),
        preferred_language="de",
        preferred_channel="mail",
    )
    for version, detail in enumerate(DETAILS, 1):
        donors.add_contact_detail(
            db, ada, donor_id=donor, version=version, detail=detail, today=today
        )
    return donor


def exported(db: Session, actor: Actor, form: str = "csv") -> bytes:
    output = io.BytesIO()
    exports.write(db, actor, kind="donors", out=output, form=form, today=date(2026, 11, 23))
    return output.getvalue()


def imported(
    db: Session, actor: Actor, data: bytes, today: date, now: datetime, **policies: str
) -> imports.Preview:
    request = imports.ImportRequest("x.csv", data, policies=policies)
    return imports.import_file(db, actor, request, today=today, now=now)


def stored(db: Session) -> list[tuple[Any, ...]]:
    """Return the details of every donor, without ids."""
    queries = (
        "select email, type, do_not_use, is_primary from donor_email order by 1",
        "select phone, type, do_not_use, is_primary from donor_phone order by 1",
        """select street, city, state, type, season_from, season_to, valid_from, valid_to,
                  do_not_use, is_primary from donor_address order by city, type""",
        "select name, deceased, deceased_on, preferred_language, preferred_channel from donor",
    )
    return [tuple(row) for query in queries for row in db.execute(text(query))]


@pytest.mark.parametrize("form", exports.FORMS)
def test_what_an_export_writes_comes_back(
    db: Session, ada: Actor, mara: int, today: date, now: datetime, form: str
) -> None:
    before = stored(db)
    data = exported(db, ada, form)
    assert imported(db, ada, data, today, now).plan.main.skip == 1
    assert stored(db) == before
    db.execute(text("delete from donor"))
    # as in another organisation
    db.execute(text("update organisation set created_at = created_at - interval '1 year'"))
    plan = imported(db, ada, data, today, now).plan.main
    assert (plan.create, plan.problems) == (1, ())
    assert stored(db) == before
    assert imported(db, ada, data, today, now).plan.main.skip == 1


def test_details_are_changed_and_an_undo_restores_them(
    db: Session, ada: Actor, mara: int, today: date, now: datetime
) -> None:
    before = stored(db)
    data = exported(db, ada).replace(b'""mobile""', b'""home""').replace(b"03-31", b"04-15")
    data = data.replace(b",de,mail,", b",fr,phone,")
    run = imported(db, ada, data, today, now)
    assert run.plan.main.update == 1
    after = stored(db)
    assert ("+1 555-0102", "home", False, False) in after
    assert any("04-15" in row for row in after)
    assert after[-1][-2:] == ("fr", "phone")
    assert imports.undo(db, ada, run_id=present(run.run_id), now=now).kept == ()
    assert stored(db) == before


@pytest.mark.parametrize(
    ("policy", "types"),
    [
        ("overwrite", {"mara@example.org": "home", "b@example.org": "home", "new@x.org": "work"}),
        ("fill", {"mara@example.org": "home", "b@example.org": "work", "new@x.org": "work"}),
        ("keep", {"mara@example.org": "other", "b@example.org": "work"}),
    ],
)
def test_policies(
    db: Session,
    ada: Actor,
    today: date,
    now: datetime,
    policy: str,
    types: dict[str, str],
) -> None:
    donor = factories.donor(db, ada, "Mara Vogel", email="mara@example.org")
    second = EmailDetail("b@example.org", "work")
    donors.add_contact_detail(db, ada, donor_id=donor, version=1, detail=second, today=today)
    emails = [
        {"email": "mara@example.org", "type": "home"},
        {"email": "b@example.org", "type": "home"},
        {"email": "new@x.org", "type": "work"},
    ]
    cell = str({"emails": emails}).replace("'", '""')
    row = f'E1,person,Mara Vogel,prospect,mara@example.org,,,,"{cell}"\n'
    imported(db, ada, (HEADER + row).encode(), today, now, contact_details=policy)
    found = db.execute(text("select email, type from donor_email"))
    assert dict(map(tuple, found)) == types


@pytest.mark.parametrize(
    "cell",
    [
        "[]x",
        "[1]",
        "5",
        '{""faxes"": []}',
        '{""emails"": [{""email"": ""nonsense""}]}',
        '{""emails"": [{""email"": ""a@example.org"", ""type"": ""fax""}]}',
        '{""emails"": [{""email"": ""a@example.org"", ""x"": 1}]}',
        '{""phones"": [{}]}',
        '{""phones"": [{""phone"": ""555 0100"", ""do_not_use"": ""yes""}]}',
        '{""addresses"": [{""city"": 5}]}',
        '{""addresses"": [{""city"": ""Bern"", ""type"": ""seasonal""}]}',
        '{""addresses"": [{""city"": ""Bern"", ""valid_to"": ""soon""}]}',
        '{""emails"": null}',
    ],
)
def test_what_is_no_contact_detail_is_left_empty(
    db: Session, ada: Actor, today: date, now: datetime, cell: str
) -> None:
    row = f'E1,person,Mara Vogel,prospect,mara@example.org,,,,"{cell}"\n'
    plan = imported(db, ada, (HEADER + row).encode(), today, now).plan.main
    assert plan.create == 1
    assert [problem.problem.code for problem in plan.notes] == ["contact_details_unreadable"]
    assert db.scalar(text("select count(*) from donor_email")) == 1


def test_preferences_of_other_files(db: Session, ada: Actor, today: date, now: datetime) -> None:
    data = (
        "name,email,date of death,preferred language,preferred channel\n"
        "Ann Lee,a@x.example,13/02/2026,German,post\n"
        "Bo Fir,b@x.example,,Klingon,sms\n"
        "Cy Oak,c@x.example,soon,,\n"
    )
    plan = imported(db, ada, data.encode(), today, now).plan.main
    assert plan.create == 3
    rows = db.execute(
        text(
            "select name, deceased_on, preferred_language, preferred_channel, deceased"
            " from donor order by name"
        )
    )
    assert [tuple(row) for row in rows] == [
        ("Ann Lee", date(2026, 2, 13), "de", "mail", False),
        ("Bo Fir", None, None, "text", False),
        ("Cy Oak", None, None, None, False),
    ]
    assert "language_unknown" in {note.problem.code for note in plan.notes}


def test_rows_of_the_same_donor_are_merged(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    data = (
        "name,email,preferred language,date of death\n"
        "Ann Lee,a@x.example,,\n"
        "Ann Lee,a@x.example,de,2026-02-13\n"
    )
    imported(db, ada, data.encode(), today, now)
    row = db.execute(text("select preferred_language, deceased_on from donor")).one()
    assert tuple(row) == ("de", date(2026, 2, 13))


def test_the_address_in_use_is_in_the_file(db: Session, ada: Actor) -> None:
    donor = factories.donor(
        db, ada, "Mara", email="old@example.org", address={"city": "York", "street": "1 Elm"}
    )
    db.execute(text("update donor_email set do_not_use = true"))
    db.execute(
        text(
            "insert into donor_address (donor_id, city, type, season_from, season_to)"
            " values (:id, 'Naples', 'seasonal', '01-01', '12-31')"
        ),
        {"id": donor},
    )
    db.execute(
        text("insert into donor_email (donor_id, email) values (:id, 'new@example.org')"),
        {"id": donor},
    )
    (row,) = csv.DictReader(io.StringIO(exported(db, ada).decode()))
    current = {name: value for name, value in row.items() if name.startswith("current_")}
    assert {name: value for name, value in current.items() if value} == {
        "current_email": "new@example.org",
        "current_city": "Naples",
    }
    assert (row["email"], row["city"]) == ("old@example.org", "York")
