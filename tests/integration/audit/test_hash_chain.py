"""Hash chain of the audit log: append-only, and every manipulation is detected."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app import audit
from app.db import transaction_for_system
from app.settings import settings
from tests import factories as make
from tests.integration.cli.test_commands import Said, app
from tests.values import changed_rows, present

__all__ = ["app"]
SECRET = "Quintessa"


def write_entries(db: Session, number: int = 6, donor_id: int | None = None) -> list[int]:
    return [
        audit.record(
            db,
            actor_id=1,
            action="donor.changed",
            entity="donor",
            entity_id=index,
            donor_id=donor_id,
            sentence=f"Changed name to {SECRET} {index}.",
            before={"name": f"Ann {index}"},
            after={"name": f"{SECRET} {index}"},
        )
        for index in range(number)
    ]


@pytest.fixture
def sealed(db: Session) -> list[int]:
    ids = write_entries(db)
    assert audit.seal(db) == len(ids)
    return ids


def tamper(db: Session, statement: str, **values: object) -> None:
    """Run a statement without triggers, as the owner of the database could."""
    db.execute(text("set local session_replication_role = replica"))
    assert changed_rows(db.execute(text(statement), values))
    db.execute(text("set local session_replication_role = origin"))


def test_an_unchanged_chain_is_valid(db: Session, sealed: list[int]) -> None:
    write_entries(db, 2)
    verdict = audit.verify(db)
    assert (verdict.sealed, verdict.waiting, verdict.broken) == (6, 2, None)
    assert audit.seal(db) == 2
    assert audit.seal(db) == 0
    assert audit.verify(db).sealed == 8


@pytest.mark.parametrize(
    "statement",
    [
        "update activity set sentence = 'x'",
        "delete from activity",
        "truncate activity",
        "update activity_seal set hash = content",
        "delete from activity_seal",
        "truncate activity_seal",
    ],
)
def test_the_database_refuses_to_change_or_remove(
    db: Session, sealed: list[int], statement: str
) -> None:
    with pytest.raises(DatabaseError, match="only added to"), db.begin_nested():
        db.execute(text(statement))
    assert audit.verify(db).sealed == 6


@pytest.mark.parametrize(
    "column",
    [
        "sentence = 'x'",
        "actor_id = 2",
        "viewed_as = 2",
        "action = 'x.y'",
        "entity = 'x'",
        "entity_id = 99",
        "donor_id = 9",
        "before = null",
        "after = '{}'",
        "address = '::1'",
        "at = at + interval '1 microsecond'",
    ],
)
def test_a_changed_entry_is_found(db: Session, sealed: list[int], column: str) -> None:
    tamper(db, f"update activity set {column} where id = :id", id=sealed[2])
    assert audit.verify(db).broken == (
        f"Line {sealed[2]} of the audit log is not as it was: it was changed."
    )


@pytest.mark.parametrize("number", [0, 3, 5])
def test_a_deleted_entry_is_found(db: Session, sealed: list[int], number: int) -> None:
    tamper(db, "delete from activity where id = :id", id=sealed[number])
    assert f"Line {sealed[number]} " in present(audit.verify(db).broken)


def test_an_entry_deleted_with_its_link_is_found(db: Session, sealed: list[int]) -> None:
    tamper(db, "delete from activity where id = :id", id=sealed[1])
    tamper(db, "delete from activity_seal where activity_id = :id", id=sealed[1])
    assert audit.verify(db).broken == (
        f"Line {sealed[2]} of the audit log is not as it was: links before it are missing."
    )


def test_a_truncated_end_is_found_by_a_stored_hash(db: Session, sealed: list[int]) -> None:
    head = audit.verify(db).head
    tamper(db, "delete from activity where id = :id", id=sealed[5])
    tamper(db, "delete from activity_seal where activity_id = :id", id=sealed[5])
    assert audit.verify(db).broken is None
    assert "its end was removed" in present(audit.why_head_missing(db, head))


def test_an_entry_inserted_late_is_found(db: Session, sealed: list[int]) -> None:
    statement = (
        "insert into activity (at, action, entity, sentence)"
        " values (now() - interval '1 hour', 'gift.recorded', 'gift', 'Never happened.')"
    )
    tamper(db, statement)
    assert audit.seal(db) == 0
    assert "it was put in afterwards" in present(audit.verify(db).broken)


def test_two_swapped_entries_are_found(db: Session, sealed: list[int]) -> None:
    first, second = sealed[1], sealed[4]
    statement = "update activity set id = :new where id = :old"
    for old_id, new_id in ((first, -1), (second, first), (-1, second)):
        tamper(db, statement, old=old_id, new=new_id)
    assert f"Line {first} " in present(audit.verify(db).broken)


def test_two_swapped_links_are_found(db: Session, sealed: list[int]) -> None:
    tamper(
        db,
        "update activity_seal s set content = o.content, salt = o.salt, hash = o.hash"
        " from activity_seal o where s.place in (2, 5) and o.place = 7 - s.place",
    )
    assert f"Line {sealed[1]} " in present(audit.verify(db).broken)


def test_a_link_adapted_to_a_changed_entry_breaks_the_next(db: Session, sealed: list[int]) -> None:
    tamper(db, "update activity set sentence = 'x' where id = :id", id=sealed[2])
    tamper(
        db,
        "update activity_seal s set content = activity_content(a, s.salt),"
        " hash = sha256((select hash from activity_seal where place = s.place - 1)"
        " || activity_content(a, s.salt))"
        " from activity a where a.id = s.activity_id and a.id = :id",
        id=sealed[2],
    )
    assert f"Line {sealed[3]} " in present(audit.verify(db).broken)


def test_old_entries_are_purged_and_the_rest_stays_valid(db: Session, now: datetime) -> None:
    for age in (3000, 2900, 10, 5):
        db.execute(
            text(
                "insert into activity (at, action, entity, sentence)"
                " values (cast(:now as timestamptz) - make_interval(days => :age),"
                " 'a.b', 'a', 'x')"
            ),
            {"now": now, "age": age},
        )
    audit.seal(db)
    before = now - timedelta(days=365)
    assert audit.purge_old(db, before=before) == 2
    assert audit.purge_old(db, before=before) == 0
    audit.seal(db)
    verdict = audit.verify(db)
    assert (verdict.broken, verdict.sealed) == (None, 4)
    tamper(db, "update activity set after = null where action = 'activity.purged'")
    assert "links before it are missing" in present(audit.verify(db).broken)


def test_an_erased_donor_leaves_the_chain_valid_and_no_text(
    db: Session, sealed: list[int]
) -> None:
    donor_id = make.donor(db, name="Gone")
    entry_ids = write_entries(db, 3, donor_id)
    audit.seal(db)
    write_entries(db, 1, donor_id)
    audit.erase(db, actor_id=1, donor_id=donor_id)
    entries = db.scalars(
        text("select a::text from activity a where donor_id = :id"), {"id": donor_id}
    ).all()
    assert len(entries) == 5
    assert not [entry for entry in entries if SECRET in entry or "Ann" in entry]
    audit.seal(db)
    assert audit.verify(db).broken is None
    audit.erase(db, actor_id=1, donor_id=donor_id)
    audit.seal(db)
    assert audit.verify(db).broken is None
    tamper(db, "update activity set sentence = 'x' where id = :id", id=entry_ids[1])
    assert f"Line {entry_ids[1]} " in present(audit.verify(db).broken)


def test_an_entry_falsely_marked_as_erased_is_found(db: Session, sealed: list[int]) -> None:
    tamper(db, "update activity set sentence = 'x' where id = :id", id=sealed[2])
    tamper(
        db,
        "update activity_seal s set erased_by = 1, erased_content = activity_content(a, s.salt)"
        " from activity a where a.id = s.activity_id and a.id = :id",
        id=sealed[2],
    )
    assert f"Line {sealed[2]} " in present(audit.verify(db).broken)


def test_deleting_a_donor_or_user_changes_no_entry(db: Session) -> None:
    actor = make.person(db)
    donor_id = make.donor(db, actor)
    audit.record(
        db, actor_id=actor.user_id, action="a.b", entity="a", donor_id=donor_id, sentence="x"
    )
    audit.seal(db)
    db.execute(text("delete from donor"))
    db.execute(text("delete from app_user"))
    assert audit.verify(db).broken is None


def test_every_broken_entry_is_counted(db: Session, sealed: list[int]) -> None:
    tamper(db, "update activity set sentence = 'x' where id > :id", id=sealed[2])
    statement = (
        "insert into activity (at, action, entity, sentence)"
        " values (now() - interval '1 hour', 'gift.recorded', 'gift', 'Never happened.')"
    )
    tamper(db, statement)
    verdict = audit.verify(db)
    assert (verdict.first, verdict.lines) == (sealed[3], 4)
    assert present(verdict.broken).endswith("it was changed. 4 lines in all.")


def rewritten(db: Session, sealed: list[int]) -> None:
    """Change an entry and rebuild all later links, as an attacker with both tables could."""
    tamper(db, "update activity set sentence = 'x' where id = :id", id=sealed[2])
    for number in range(3, 7):
        tamper(
            db,
            "update activity_seal s set content = activity_content(a, s.salt),"
            " hash = sha256((select hash from activity_seal where place = s.place - 1)"
            " || activity_content(a, s.salt))"
            " from activity a where a.id = s.activity_id and s.place = :place",
            place=number,
        )


def test_a_head_stored_outside_detects_a_rewritten_chain(db: Session, sealed: list[int]) -> None:
    early, head = None, audit.head(db)
    assert head.startswith("6-")
    assert audit.why_head_missing(db, head) is None
    assert audit.why_head_missing(db, f" {head.upper()}\n") is None
    write_entries(db, 2)
    audit.seal(db)
    early, head = head, audit.head(db)
    assert [audit.why_head_missing(db, stored_head) for stored_head in (early, head)] == [
        None,
        None,
    ]
    rewritten(db, sealed)
    tamper(db, "delete from activity_seal where place > 6")
    tamper(db, "delete from activity where id > :id", id=sealed[5])
    # the chain itself is valid
    assert audit.verify(db).broken is None
    assert "it was rewritten since" in present(audit.why_head_missing(db, early))
    assert "its end was removed" in present(audit.why_head_missing(db, head))


def test_a_head_cannot_be_made_without_the_key(
    db: Session, sealed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    head = audit.head(db)
    monkeypatch.setenv("SECRET_KEY", "another key of the tests, as long as the first 98765")
    settings.cache_clear()
    assert audit.head(db) != head
    assert "another SECRET_KEY" in present(audit.why_head_missing(db, head))


@pytest.mark.parametrize("wrong", ["6", "6-", "6-abc", "x-aaaaaaaaaaaaaaaa", "6-aaaaaaaaaaaaaaa1"])
def test_an_invalid_head_is_reported(db: Session, sealed: list[int], wrong: str) -> None:
    assert "is not a head of an audit log" in present(audit.why_head_missing(db, wrong))


def test_a_head_of_purged_entries_cannot_be_checked(
    db: Session, sealed: list[int], now: datetime
) -> None:
    head = audit.head(db)
    write_entries(db, 2)
    audit.seal(db)
    assert audit.purge_old(db, before=now + timedelta(days=9999)) == 7
    assert "deleted for their age" in present(audit.why_head_missing(db, head))


def test_an_empty_chain_has_no_head(db: Session) -> None:
    assert audit.head(db) == ""


def test_the_command_reports_the_broken_entry(database: URL, app: Callable[..., Said]) -> None:
    with transaction_for_system() as db:
        ids = write_entries(db, 3)
    assert "Sealed 3 lines." in app("audit", "seal").stdout
    valid = app("audit", "verify")
    assert (valid.returncode, valid.stderr) == (0, "")
    assert "The audit log is whole: 3 lines checked, 0 not sealed yet." in valid.stdout
    with transaction_for_system() as db:
        head = audit.head(db)
    assert f"Head: {head}." in valid.stdout
    contained = app("audit", "verify", "--head", head)
    assert (contained.returncode, contained.stderr) == (0, "")
    assert f"The audit log still contains the head {head}." in contained.stdout
    unknown = app("audit", "verify", "--head", f"9{head}")
    assert unknown.returncode == 1
    assert "does not contain the head" in unknown.stderr
    with transaction_for_system() as db:
        tamper(db, "update activity set actor_id = 7 where id = :id", id=ids[1])
    broken = app("audit", "verify")
    assert broken.returncode == 1
    assert f"Line {ids[1]} of the audit log" in broken.stderr
    # as a process of its own
    broken_with_head = subprocess.run(
        [sys.executable, "-m", "app", "audit", "verify", "--head", head],
        capture_output=True,
        text=True,
        check=False,
    )
    assert broken_with_head.returncode == 1
    assert f"The audit log still contains the head {head}." in broken_with_head.stdout


def test_entries_of_open_transactions_are_sealed_later(database: URL) -> None:
    with transaction_for_system() as early:
        early.execute(text("select 1"))
        with transaction_for_system() as db:
            write_entries(db, 2)
        with transaction_for_system() as db:
            assert audit.seal(db) == 2
        write_entries(early, 1)
    with transaction_for_system() as db:
        assert audit.verify(db).broken is None
        assert audit.seal(db) == 1
        assert audit.verify(db).sealed == 3
