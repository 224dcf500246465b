"""The record of who did what: only added to, and whoever touches it behind our back is found."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app import audit
from app.db import transaction
from app.settings import settings
from tests import factories as make

SECRET = "Quintessa"


def lines(db, number=6, donor_id=None):
    return [
        audit.record(
            db,
            actor_id=1,
            action="donor.changed",
            entity="donor",
            entity_id=one,
            donor_id=donor_id,
            sentence=f"Changed name to {SECRET} {one}.",
            before={"name": f"Ann {one}"},
            after={"name": f"{SECRET} {one}"},
        )
        for one in range(number)
    ]


@pytest.fixture
def sealed(db):
    ids = lines(db)
    assert audit.seal(db) == len(ids)
    return ids


def behind_our_back(db, statement, **values):
    """As somebody with the database's own rights would: the triggers are switched off."""
    db.execute(text("set local session_replication_role = replica"))
    assert db.execute(text(statement), values).rowcount
    db.execute(text("set local session_replication_role = origin"))


def test_an_untouched_record_is_whole(db, sealed):
    lines(db, 2)
    found = audit.verify(db)
    assert (found.sealed, found.waiting, found.broken) == (6, 2, None)
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
def test_the_database_refuses_to_change_or_remove(db, sealed, statement):
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
def test_a_changed_line_is_found(db, sealed, column):
    behind_our_back(db, f"update activity set {column} where id = :id", id=sealed[2])
    assert audit.verify(db).broken == (
        f"Line {sealed[2]} of the audit log is not as it was: it was changed."
    )


@pytest.mark.parametrize("number", [0, 3, 5])
def test_a_deleted_line_is_found(db, sealed, number):
    behind_our_back(db, "delete from activity where id = :id", id=sealed[number])
    assert f"Line {sealed[number]} " in audit.verify(db).broken


def test_a_line_deleted_with_its_link_is_found(db, sealed):
    behind_our_back(db, "delete from activity where id = :id", id=sealed[1])
    behind_our_back(db, "delete from activity_seal where activity_id = :id", id=sealed[1])
    assert audit.verify(db).broken == (
        f"Line {sealed[2]} of the audit log is not as it was: links before it are missing."
    )


def test_an_end_taken_away_is_found_with_the_hash_written_down(db, sealed):
    head = audit.verify(db).head
    behind_our_back(db, "delete from activity where id = :id", id=sealed[5])
    behind_our_back(db, "delete from activity_seal where activity_id = :id", id=sealed[5])
    assert audit.verify(db).broken is None
    assert "its end was removed" in audit.missing(db, head)


def test_a_line_put_in_afterwards_is_found(db, sealed):
    statement = (
        "insert into activity (at, action, entity, sentence)"
        " values (now() - interval '1 hour', 'gift.recorded', 'gift', 'Never happened.')"
    )
    behind_our_back(db, statement)
    assert audit.seal(db) == 0
    assert "it was put in afterwards" in audit.verify(db).broken


def test_two_swapped_lines_are_found(db, sealed):
    one, other = sealed[1], sealed[4]
    statement = "update activity set id = :new where id = :old"
    for old, new in ((one, -1), (other, one), (-1, other)):
        behind_our_back(db, statement, old=old, new=new)
    assert f"Line {one} " in audit.verify(db).broken


def test_two_swapped_links_are_found(db, sealed):
    behind_our_back(
        db,
        "update activity_seal s set content = o.content, salt = o.salt, hash = o.hash"
        " from activity_seal o where s.place in (2, 5) and o.place = 7 - s.place",
    )
    assert f"Line {sealed[1]} " in audit.verify(db).broken


def test_a_link_made_to_fit_a_changed_line_breaks_the_next(db, sealed):
    behind_our_back(db, "update activity set sentence = 'x' where id = :id", id=sealed[2])
    behind_our_back(
        db,
        "update activity_seal s set content = activity_content(a, s.salt),"
        " hash = sha256((select hash from activity_seal where place = s.place - 1)"
        " || activity_content(a, s.salt))"
        " from activity a where a.id = s.activity_id and a.id = :id",
        id=sealed[2],
    )
    assert f"Line {sealed[3]} " in audit.verify(db).broken


def test_the_old_is_forgotten_and_the_rest_stays_whole(db, now):
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
    assert audit.forget_old(db, before=before) == 2
    assert audit.forget_old(db, before=before) == 0
    audit.seal(db)
    found = audit.verify(db)
    assert (found.broken, found.sealed) == (None, 4)
    behind_our_back(db, "update activity set after = null where action = 'activity.purged'")
    assert "links before it are missing" in audit.verify(db).broken


def test_an_erased_person_leaves_the_chain_whole_and_no_word(db, sealed):
    donor_id = make.donor(db, name="Gone")
    mine = lines(db, 3, donor_id)
    audit.seal(db)
    lines(db, 1, donor_id)
    audit.erase(db, actor_id=1, donor_id=donor_id)
    kept = db.scalars(
        text("select a::text from activity a where donor_id = :id"), {"id": donor_id}
    ).all()
    assert len(kept) == 5
    assert not [one for one in kept if SECRET in one or "Ann" in one]
    audit.seal(db)
    assert audit.verify(db).broken is None
    audit.erase(db, actor_id=1, donor_id=donor_id)
    audit.seal(db)
    assert audit.verify(db).broken is None
    behind_our_back(db, "update activity set sentence = 'x' where id = :id", id=mine[1])
    assert f"Line {mine[1]} " in audit.verify(db).broken


def test_a_line_only_said_to_be_erased_is_found(db, sealed):
    behind_our_back(db, "update activity set sentence = 'x' where id = :id", id=sealed[2])
    behind_our_back(
        db,
        "update activity_seal s set erased_by = 1, erased_content = activity_content(a, s.salt)"
        " from activity a where a.id = s.activity_id and a.id = :id",
        id=sealed[2],
    )
    assert f"Line {sealed[2]} " in audit.verify(db).broken


def test_a_deleted_donor_or_person_changes_no_line(db):
    actor = make.person(db)
    donor_id = make.donor(db, actor)
    audit.record(
        db, actor_id=actor.user_id, action="a.b", entity="a", donor_id=donor_id, sentence="x"
    )
    audit.seal(db)
    db.execute(text("delete from donor"))
    db.execute(text("delete from app_user"))
    assert audit.verify(db).broken is None


def test_every_broken_line_is_counted(db, sealed):
    behind_our_back(db, "update activity set sentence = 'x' where id > :id", id=sealed[2])
    statement = (
        "insert into activity (at, action, entity, sentence)"
        " values (now() - interval '1 hour', 'gift.recorded', 'gift', 'Never happened.')"
    )
    behind_our_back(db, statement)
    found = audit.verify(db)
    assert (found.first, found.lines) == (sealed[3], 4)
    assert found.broken.endswith("it was changed. 4 lines in all.")


def rewritten(db, sealed):
    """Change a line and make every link from it on anew, as who can write to both tables would."""
    behind_our_back(db, "update activity set sentence = 'x' where id = :id", id=sealed[2])
    for number in range(3, 7):
        behind_our_back(
            db,
            "update activity_seal s set content = activity_content(a, s.salt),"
            " hash = sha256((select hash from activity_seal where place = s.place - 1)"
            " || activity_content(a, s.salt))"
            " from activity a where a.id = s.activity_id and s.place = :place",
            place=number,
        )


def test_a_head_kept_outside_finds_a_chain_made_anew(db, sealed):
    early, head = None, audit.head(db)
    assert head.startswith("6-")
    assert audit.missing(db, head) is None
    assert audit.missing(db, f" {head.upper()}\n") is None
    lines(db, 2)
    audit.seal(db)
    early, head = head, audit.head(db)
    assert [audit.missing(db, one) for one in (early, head)] == [None, None]
    rewritten(db, sealed)
    behind_our_back(db, "delete from activity_seal where place > 6")
    behind_our_back(db, "delete from activity where id > :id", id=sealed[5])
    # the chain itself looks whole
    assert audit.verify(db).broken is None
    assert "it was rewritten since" in audit.missing(db, early)
    assert "its end was removed" in audit.missing(db, head)


def test_a_head_cannot_be_made_without_the_key(db, sealed, monkeypatch):
    head = audit.head(db)
    monkeypatch.setenv("SECRET_KEY", "another key of the tests, as long as the first 98765")
    settings.cache_clear()
    assert audit.head(db) != head
    assert "another SECRET_KEY" in audit.missing(db, head)


@pytest.mark.parametrize("wrong", ["6", "6-", "6-abc", "x-aaaaaaaaaaaaaaaa", "6-aaaaaaaaaaaaaaa1"])
def test_what_is_no_head_is_a_sentence(db, sealed, wrong):
    assert "is not a head of an audit log" in audit.missing(db, wrong)


def test_a_head_of_lines_deleted_for_their_age_cannot_be_checked(db, sealed, now):
    head = audit.head(db)
    lines(db, 2)
    audit.seal(db)
    assert audit.forget_old(db, before=now + timedelta(days=9999)) == 7
    assert "deleted for their age" in audit.missing(db, head)


def test_without_a_line_there_is_no_head(db):
    assert audit.head(db) == ""


def command(*words):
    return subprocess.run(
        [sys.executable, "-m", "app", "audit", *words], capture_output=True, text=True, check=False
    )


def test_the_command_says_whole_or_names_the_line(database):
    with transaction() as db:
        ids = lines(db, 3)
    assert "Sealed 3 lines." in command("seal").stdout
    whole = command("verify")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "The audit log is whole: 3 lines checked, 0 not sealed yet." in whole.stdout
    with transaction() as db:
        head = audit.head(db)
    assert f"Head: {head}." in whole.stdout
    kept = command("verify", "--head", head)
    assert (kept.returncode, kept.stderr) == (0, "")
    assert f"The audit log still contains the head {head}." in kept.stdout
    gone = command("verify", "--head", f"9{head}")
    assert gone.returncode == 1
    assert "does not contain the head" in gone.stderr
    with transaction() as db:
        behind_our_back(db, "update activity set actor_id = 7 where id = :id", id=ids[1])
    broken = command("verify")
    assert broken.returncode == 1
    assert f"Line {ids[1]} of the audit log" in broken.stderr
    both = command("verify", "--head", head)
    assert both.returncode == 1
    assert f"The audit log still contains the head {head}." in both.stdout


def test_a_writer_still_at_work_while_sealing_is_sealed_later(database):
    with transaction() as early:
        early.execute(text("select 1"))
        with transaction() as db:
            lines(db, 2)
        with transaction() as db:
            assert audit.seal(db) == 2
        lines(early, 1)
    with transaction() as db:
        assert audit.verify(db).broken is None
        assert audit.seal(db) == 1
        assert audit.verify(db).sealed == 3
