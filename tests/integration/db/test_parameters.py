"""The last check of a statement's values, whatever a service forgets."""

import pytest
from sqlalchemy import URL, select, text
from sqlalchemy.orm import Session

from app.db import transaction_for_system
from app.db.errors import DatabaseError
from app.db.models import Activity, Organisation
from app.db.statements.parameters import UnstorableValueError
from app.kit.errors import InvalidError
from tests import factories as make
from tests.values import present

BAD = ["a\0b", "a\ud800b"]


@pytest.mark.parametrize("bad", BAD)
def test_no_statement_carries_what_the_database_cannot_store(db: Session, bad: str) -> None:
    make.organisation(db)
    before = db.scalars(select(Organisation.name)).one()
    for values in ({"x": bad}, {"x": [1, bad]}, [{"x": "good"}, {"x": bad}]):
        with pytest.raises(UnstorableValueError, match="cannot be saved"), db.begin_nested():
            db.execute(text("select :x"), values)
    with pytest.raises(InvalidError), db.begin_nested():
        db.query(Organisation).update({"name": bad})
    assert db.scalars(select(Organisation.name)).one() == before


@pytest.mark.parametrize("bad", BAD)
def test_nor_does_json(db: Session, bad: str) -> None:
    for value in ({"note": bad}, {bad: 1}, {"all": [{"deep": [bad]}]}):
        line = Activity(action="x.y", entity="x", sentence="X.", after=value)
        with pytest.raises(UnstorableValueError), db.begin_nested():
            db.add(line)


def test_json_keeps_pictures_and_what_only_looks_like_an_escape(db: Session) -> None:
    value = {"note": "👩\u200d👧 \\u0000 \\ud800"}
    line = Activity(action="x.y", entity="x", sentence="X.", after=value)
    db.add(line)
    db.flush()
    db.expire_all()
    assert present(db.get(Activity, line.id)).after == value


@pytest.mark.parametrize(
    "statement", ["select 2147483648::int", "select '10000-01-01'::date + 2147483647"]
)
def test_a_value_out_of_range_is_a_sentence(database: URL, statement: str) -> None:
    with pytest.raises(InvalidError, match="too large"), transaction_for_system() as db:
        db.execute(text(statement))


def test_a_fault_of_ours_stays_one(database: URL) -> None:
    with pytest.raises(DatabaseError), transaction_for_system() as db:
        db.execute(text("select 1 / 0"))
