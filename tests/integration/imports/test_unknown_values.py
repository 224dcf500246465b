"""Unknown values of a file: the questions, the chosen meanings, and their saving."""

from datetime import date, datetime
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.kit.errors import ConflictError
from tests import factories

FILE = b"""Full name,Email,Status,How they give
Ann Lee,ann@lee.example,Friend,x
Bo Ek,bo@ek.example,friend,x
Cy Vane,cy@vane.example,Donor,x
Di Orr,di@orr.example,Gone,x
"""
people = partial(
    imports.ImportRequest,
    "people.csv",
    FILE,
    kind="donors",
    mapping={"Full name": "name", "Email": "email", "Status": "status"},
)
WORDS = {"status": {"friend": "donor", "gone": ""}}


@pytest.fixture
def ruth(db: Session) -> Actor:
    factories.organisation(db)
    return factories.person(db, name="Ruth")


def test_unknown_values_are_asked_with_the_allowed_values(
    db: Session, ruth: Actor, today: date
) -> None:
    preview = imports.preview(db, ruth, people(), today=today)
    assert [(value.field, value.word, value.rows) for value in preview.unknown] == [
        ("status", "Friend", 2),
        ("status", "Gone", 1),
    ]
    assert preview.unknown[0].allowed == ("prospect", "asked", "donor", "lapsed", "declined")
    assert (preview.plan.main.create, preview.plan.main.error) == (1, 3)


def test_a_chosen_meaning_is_imported(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    preview = imports.preview(db, ruth, people(words=WORDS), today=today)
    assert (preview.plan.main.create, preview.plan.main.error) == (4, 0)
    # the question stays, so that the answer can be changed
    assert len(preview.unknown) == 2
    imports.commit(
        db, ruth, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
    )
    rows = db.execute(text("select name, status from donor order by name"))
    assert [tuple(row) for row in rows] == [
        ("Ann Lee", "donor"),
        ("Bo Ek", "donor"),
        ("Cy Vane", "donor"),
        ("Di Orr", "prospect"),
    ]


def test_another_meaning_is_another_plan(
    db: Session, ruth: Actor, today: date, now: datetime
) -> None:
    first = imports.preview(db, ruth, people(words=WORDS), today=today)
    second = imports.preview(
        db,
        ruth,
        people(words={"status": {"friend": "prospect", "gone": ""}}),
        today=today,
    )
    assert first.plan_hash != second.plan_hash
    with pytest.raises(ConflictError):
        imports.commit(
            db, ruth, run_id=first.run_id, plan_hash=second.plan_hash, today=today, now=now
        )


def test_meanings_are_saved_with_the_layout(db: Session, ruth: Actor, today: date) -> None:
    imports.preview(db, ruth, people(words=WORDS), today=today)
    layout = imports.inspect_file(db, ruth, data=FILE.replace(b"Ann", b"Amy"))
    assert layout.words == WORDS
    assert imports.inspect_file(db, factories.person(db), data=FILE).words == {}


def test_unknown_values_of_the_donor_of_a_pledge_are_asked(
    db: Session, ruth: Actor, today: date
) -> None:
    header = (
        b"Contact Name,First Name,Last Name,Status,Commitment Amount,Commitment Frequency,"
        b"Primary Email\n"
    )
    data = header + b'"Lee, Ann",Ann,Lee,Board member,50,Every moon,ann@lee.example\n'
    preview = imports.preview(db, ruth, imports.ImportRequest("mpdx.csv", data), today=today)
    assert [(value.field, value.word) for value in preview.unknown] == [
        ("frequency", "Every moon"),
        ("donors.status", "Board member"),
    ]
    words = {"frequency": {"every moon": "monthly"}, "donors.status": {"board member": "donor"}}
    plan = imports.preview(
        db, ruth, imports.ImportRequest("mpdx.csv", data, words=words), today=today
    ).plan
    assert [(part.kind, part.create) for part in plan.parts] == [("donors", 1), ("pledges", 1)]


def test_meanings_for_missing_columns_are_ignored(db: Session, ruth: Actor, today: date) -> None:
    plan = imports.preview(db, ruth, people(words={"method": {"x": "card"}}), today=today).plan
    assert plan.main.error == 3
