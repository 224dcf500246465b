"""Words a file uses and we do not: asked, read as a person says, remembered."""

import pytest
from sqlalchemy import text

from app import imports
from app.kit.errors import ConflictError
from tests import factories

FILE = b"""Full name,Email,Status,How they give
Ann Lee,ann@lee.example,Friend,x
Bo Ek,bo@ek.example,friend,x
Cy Vane,cy@vane.example,Donor,x
Di Orr,di@orr.example,Gone,x
"""
HOW = {
    "file_name": "people.csv",
    "data": FILE,
    "kind": "donors",
    "mapping": {"Full name": "name", "Email": "email", "Status": "status"},
}
WORDS = {"status": {"friend": "donor", "gone": ""}}


@pytest.fixture
def ruth(db):
    factories.organisation(db)
    return factories.person(db, name="Ruth")


def test_what_we_do_not_know_is_asked_with_what_it_could_be(db, ruth, today):
    seen = imports.preview(db, ruth, today=today, **HOW)
    assert [(one.field, one.word, one.rows) for one in seen.unknown] == [
        ("status", "Friend", 2),
        ("status", "Gone", 1),
    ]
    assert seen.unknown[0].allowed == ("prospect", "asked", "donor", "lapsed", "declined")
    assert (seen.plan.main.create, seen.plan.main.error) == (1, 3)


def test_an_answer_brings_the_rows_in_as_said(db, ruth, today, now):
    seen = imports.preview(db, ruth, today=today, words=WORDS, **HOW)
    assert (seen.plan.main.create, seen.plan.main.error) == (4, 0)
    # the question stays to be answered otherwise
    assert len(seen.unknown) == 2
    imports.commit(db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now)
    rows = db.execute(text("select name, status from donor order by name"))
    assert [tuple(row) for row in rows] == [
        ("Ann Lee", "donor"),
        ("Bo Ek", "donor"),
        ("Cy Vane", "donor"),
        ("Di Orr", "prospect"),
    ]


def test_another_answer_is_another_plan(db, ruth, today, now):
    one = imports.preview(db, ruth, today=today, words=WORDS, **HOW)
    other = imports.preview(
        db, ruth, today=today, words={"status": {"friend": "prospect", "gone": ""}}, **HOW
    )
    assert one.plan_hash != other.plan_hash
    with pytest.raises(ConflictError):
        imports.commit(
            db, ruth, run_id=one.run_id, plan_hash=other.plan_hash, today=today, now=now
        )


def test_an_answer_is_remembered_with_the_columns(db, ruth, today):
    imports.preview(db, ruth, today=today, words=WORDS, **HOW)
    layout = imports.look(db, ruth, data=FILE.replace(b"Ann", b"Amy"))
    assert layout.words == WORDS
    assert imports.look(db, factories.person(db), data=FILE).words == {}


def test_a_word_of_the_person_beside_a_pledge_is_asked_too(db, ruth, today):
    header = (
        b"Contact Name,First Name,Last Name,Status,Commitment Amount,Commitment Frequency,"
        b"Primary Email\n"
    )
    data = header + b'"Lee, Ann",Ann,Lee,Board member,50,Every moon,ann@lee.example\n'
    how = {"file_name": "mpdx.csv", "data": data}
    seen = imports.preview(db, ruth, today=today, **how)
    assert [(one.field, one.word) for one in seen.unknown] == [
        ("frequency", "Every moon"),
        ("donors.status", "Board member"),
    ]
    words = {"frequency": {"every moon": "monthly"}, "donors.status": {"board member": "donor"}}
    plan = imports.preview(db, ruth, today=today, words=words, **how).plan
    assert [(part.kind, part.create) for part in plan.parts] == [("donors", 1), ("pledges", 1)]


def test_words_for_columns_that_are_not_there_do_nothing(db, ruth, today):
    plan = imports.preview(db, ruth, today=today, words={"method": {"x": "card"}}, **HOW).plan
    assert plan.main.error == 3
