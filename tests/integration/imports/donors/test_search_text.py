"""The search text equals a fresh one after every import, edit and undo, however it is deferred."""

import os
from datetime import date, datetime
from threading import Event, Thread

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from app.imports.queries.donors import search_text
from tests import factories as make

EXAMPLES = int(os.environ.get("EXAMPLES", "15"))
# texts that differ from a fresh one, that are missing, and donors that still wait
STALE = """
    select donor_id, s.text, f.text from donor_search s full join donor_search_fresh f
        using (donor_id) where s.text is distinct from f.text
    union all select id, 'waits', null from donor_search_pending
"""
TEXTS = "select text from donor_search order by donor_id"
HEAD = "id,name,email,phone\n"
NAMES = st.sampled_from(["Ann Lee", "Bo Ek", "Zoë Quill", "Ann Lee-Ek", "李小龙"])
CELLS = {
    "id": st.sampled_from(["", "1", "2", "3"]),
    "name": NAMES,
    "email": st.sampled_from(["", "ann@lee.example", "bo@ek.example; c@d.example"]),
    "phone": st.sampled_from(["", "555-0100", "+47 555 01 22"]),
}
FILES = st.lists(st.tuples(*CELLS.values()), min_size=1, max_size=6)
EDITS = st.sampled_from(
    [
        "update donor set name = name || ' Jr.', version = version + 1 where id % 2 = 0",
        "update donor_external_id set external_id = external_id || 'x'",
        "update donor_email set email = 'new.' || email",
        "delete from donor_phone",
        "delete from donor_email where id % 2 = 0",
        "delete from donor where id % 3 = 0",
    ]
)
STEPS = st.tuples(
    FILES, EDITS, st.lists(st.one_of(FILES, EDITS, st.just("undo")), max_size=4)
).map(lambda steps: [*steps[:2], *steps[2]])


def as_file(rows: list[tuple[str, ...]]) -> bytes:
    return (HEAD + "".join(",".join(row) + "\n" for row in rows)).encode()


def bring(db: Session, actor: Actor, data: bytes, today: date, now: datetime) -> int:
    choices = {"external_id": "id", "name": "name", "email": "email", "phone": "phone"}
    request = imports.ImportRequest(
        "file.csv",
        data,
        kind="donors",
        mapping={header: field for field, header in choices.items()},
        source="other",
        policies={"name": "overwrite"},
    )
    return imports.import_file(db, actor, request, today=today, now=now).run_id


def stale(db: Session) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.execute(text(STALE))]


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_it_is_exact_after_every_step(
    db: Session, today: date, now: datetime, steps: list[list[tuple[str, ...]] | str]
) -> None:
    with db.begin_nested() as before:
        make.organisation(db)
        ada = make.person(db, "admin")
        runs: list[int] = []
        for step in steps:
            if isinstance(step, list):
                runs.append(bring(db, ada, as_file(step), today, now))
            elif step != "undo":
                db.execute(text(step))
            elif runs:
                imports.undo(db, ada, run_id=runs.pop(), now=now)
            assert stale(db) == []
        before.rollback()


def test_files_imported_together_are_exact(db: Session, today: date, now: datetime) -> None:
    make.organisation(db)
    ada = make.person(db, "admin")
    requests = [
        imports.ImportRequest(f"{name}.csv", f"Name,Email\n{name},{name}@lee.example\n".encode())
        for name in ("Ann", "Bo")
    ]
    imports.import_together(db, ada, requests, today=today, now=now)
    assert len(db.scalars(text(TEXTS)).all()) == 2
    assert stale(db) == []


def test_a_deferred_text_is_refreshed_once_for_all_statements(db: Session) -> None:
    donor_id = make.donor(db, name="Ann Lee", email="ann@lee.example")
    search_text.defer(db)
    db.execute(text("update donor set name = 'Bo Ek'"))
    db.execute(text("update donor_email set email = 'bo@ek.example'"))
    other_id = make.donor(db, name="Cy Fox")
    assert db.scalars(text(TEXTS)).all() == ["ann lee ann@lee.example"]
    assert db.scalar(text("select count(*) from donor_search_pending")) == 3
    search_text.refresh(db)
    assert db.scalars(text(TEXTS)).all() == ["bo ek bo@ek.example", "cy fox"]
    assert stale(db) == []
    # no longer deferred
    db.execute(text("update donor set name = 'Dee' where id = :id"), {"id": other_id})
    assert stale(db) == []
    assert donor_id < other_id


def test_an_edit_refreshes_the_text_within_its_statement(db: Session) -> None:
    donor_id = make.donor(db, name="Ann Lee")
    db.execute(text("update donor set name = 'Bo Ek' where id = :id"), {"id": donor_id})
    assert db.scalars(text(TEXTS)).all() == ["bo ek"]
    db.execute(
        text("insert into donor_phone (donor_id, phone) values (:id, '555-01')"), {"id": donor_id}
    )
    assert db.scalars(text(TEXTS)).all() == ["bo ek 555-01 55501"]


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth")
        make.donor(db, owner=ruth, name="Ann Lee")
    return ruth


def test_a_user_who_defers_the_refresh_leaves_no_stale_text(ruth: Actor) -> None:
    with transaction(ruth) as db:
        search_text.defer(db)
        db.execute(text("update donor set name = 'Bo Ek'"))
    with transaction_for_system() as db:
        assert db.scalars(text(TEXTS)).all() == ["bo ek"]
        assert stale(db) == []


def rename_then(actor: Actor, statement: str) -> None:
    """Rename the user's donors, with the refresh deferred, and run a statement as this user."""
    with transaction(actor) as db:
        search_text.defer(db)
        db.execute(text("update donor set name = 'Bo Ek'"))
        db.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "delete from donor_search_pending",
        "truncate donor_search_pending",
        "select from donor_search_pending",
        "insert into donor_search_pending (donor_ids) values ('{1}')",
        "update donor_search_pending set donor_ids = '{}'",
        "alter table donor disable trigger user",
    ],
)
def test_a_user_cannot_remove_donors_that_wait(ruth: Actor, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        rename_then(ruth, statement)


def test_changes_of_one_donor_at_the_same_time_are_both_in_the_text(ruth: Actor) -> None:
    renamed = Event()

    def add_email() -> None:
        with transaction_for_system() as db:
            renamed.wait(60)
            db.execute(
                text("insert into donor_email (donor_id, email) select id, 'a@b.eu' from donor")
            )

    thread = Thread(target=add_email)
    thread.start()
    with transaction_for_system() as db:
        db.execute(text("update donor set name = 'Bo Ek'"))
        renamed.set()
        while not db.scalar(text(WAITING)):
            assert thread.is_alive()
    thread.join()
    with transaction_for_system() as db:
        assert db.scalars(text(TEXTS)).all() == ["bo ek a@b.eu"]


# another connection waits for what this one holds
WAITING = "select count(*) from pg_locks where not granted"
