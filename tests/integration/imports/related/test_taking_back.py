"""Undo of related records: exact where nobody worked since, and nobody's work is lost."""

from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import households, imports, pledges
from app.accounts import Actor, Role
from tests import factories as make
from tests.integration.imports.related.organisation import (
    bring,
    build,
    codes,
    counts,
    dump,
    export,
    notes,
)

OVERWRITE = {"records": "overwrite"}


@pytest.fixture
def ada(db: Session) -> Actor:
    make.organisation(db, time_zone="America/New_York")
    ada = make.person(db, name="Ada", role=Role.ADMIN)
    build(db, ada)
    return ada


CHANGES = {
    "campaigns": (b"5000.00", b"7000.00", "goal"),
    "emails": (b",work,no,no", b",home,no,yes", "type, do not use"),
    "phones": (b",mobile,", b",work,", "type"),
    "addresses": (b",11-01,03-31", b",12-01,02-28", "type"),
    "households": (b"Dear both", b"Dear all", "salutation"),
    "soft-credits": (b",12.50,", b",13.50,", "amount"),
    "pledge-pauses": (b"2026-04-30", b"2026-05-31", "to"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_changed_cell_is_an_update_that_an_undo_reverts(
    db: Session, ada: Actor, today: date, now: datetime, kind: str
) -> None:
    old, new, fields = CHANGES[kind]
    before, data = dump(db), export(db, ada, kind, today)
    assert old in data
    preview = bring(db, ada, data.replace(old, new, 1), today, now)
    changed = {row.row: row for row in preview.rows if row.action == "update"}
    assert counts(preview)[0] == counts(preview)[3] == counts(preview)[4] == 0
    assert any(fields == ", ".join(each.name for each in row.fields) for row in changed.values())
    assert dump(db) != before
    assert new in export(db, ada, kind, today)
    assert imports.undo(db, ada, run_id=preview.run_id, now=now).kept == ()
    assert dump(db) == before


@pytest.mark.parametrize("kind", CHANGES)
def test_a_file_keeps_what_its_policy_keeps(
    db: Session, ada: Actor, today: date, now: datetime, kind: str
) -> None:
    old, new, fields = CHANGES[kind]
    before, data = dump(db), export(db, ada, kind, today).replace(old, new, 1)
    preview = bring(db, ada, data, today, now, policies={"records": "keep"})
    rows = preview.plan.main.rows
    assert counts(preview) == (0, 0, rows, 0, 0), preview.plan.main.problems
    assert set(preview.plan.main.kept) >= set(fields.split(", "))
    assert dump(db) == before


def test_the_primary_address_and_the_head_go_back_also_when_new_ones_came(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    before = dump(db)
    data = "donor_email,email,type,primary\nmara@vogel.example,new@vogel.example,home,yes\n"
    emails = bring(db, ada, data, today, now, kind="emails", policies=OVERWRITE)
    primary = "select email from donor_email where is_primary and email like '%vogel%'"
    assert db.scalars(text(primary)).all() == ["new@vogel.example"]
    head = export(db, ada, "households", today)
    swapped = head.replace(b",yes,", b",?,").replace(b",no,", b",yes,").replace(b",?,", b",no,")
    moved = bring(db, ada, swapped, today, now)
    assert counts(moved) == (0, 1, 1, 0, 0)
    heads = "select name from donor where household_head"
    assert db.scalars(text(heads)).all() == ["Mara Vogel"]
    for run in (moved, emails):
        assert imports.undo(db, ada, run_id=run.run_id, now=now).kept == ()
    assert dump(db) == before


def test_what_users_chose_since_stays(db: Session, ada: Actor, today: date, now: datetime) -> None:
    data = "donor_email,email,primary\nmara@vogel.example,new@vogel.example,yes\n"
    run = bring(db, ada, data, today, now, kind="emails", policies=OVERWRITE)
    # another one becomes the primary one by hand
    db.execute(text("update donor_email set is_primary = false where email like 'new%'"))
    db.execute(text("update donor_email set is_primary = true where email like 'old%'"))
    imports.undo(db, ada, run_id=run.run_id, now=now)
    emails = {
        row.email: row.is_primary
        for row in db.execute(text("select email, is_primary from donor_email"))
    }
    assert emails == {
        "mara@vogel.example": False,
        "old@vogel.example": True,
        "mara@works.example": False,
        "office@works.example": True,
    }


def test_an_undo_leaves_a_head_that_a_user_chose(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    head = export(db, ada, "households", today)
    swapped = head.replace(b",yes,", b",?,").replace(b",no,", b",yes,").replace(b",?,", b",no,")
    run = bring(db, ada, swapped, today, now)
    mara = db.scalar(text("select id from donor where name = 'Mara Vogel'"))
    db.execute(text("update donor set version = version + 1 where id = :id"), {"id": mara})
    kept = imports.undo(db, ada, run_id=run.run_id, now=now).kept
    assert kept == ("Donor Mara Vogel was changed by somebody since.",)
    heads = "select name from donor where household_head"
    assert db.scalars(text(heads)).all() == ["Mara Vogel"]


def test_a_new_household_with_work_of_users_stays(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    ruth = make.person(db, name="Rita", email="rita@vogel.example")
    ann, bo, cy = (
        make.donor(db, ruth, name, email=f"{name}@x.example") for name in ("Ann", "Bo", "Cy")
    )
    data = "household_name,email,head\nThe Firs,ann@x.example,yes\nThe Firs,bo@x.example,\n"
    before = dump(db)
    run = bring(db, ada, data, today, now, kind="households")
    assert counts(run) == (2, 0, 0, 0, 0)
    household = households.household(db, ada, ann, today=today)
    assert household is not None
    assert [(member.name, member.head) for member in household.members] == [
        ("Ann", True),
        ("Bo", False),
    ]
    assert counts(bring(db, ada, data, today, now, kind="households")) == (0, 0, 2, 0, 0)
    households.join(db, ada, household_id=household.donor_id, donor_id=cy)
    households.set_head(db, ada, household_id=household.donor_id, donor_id=cy)
    kept = imports.undo(db, ada, run_id=run.run_id, now=now).kept
    assert any("The Firs" in sentence for sentence in kept)
    left = households.household(db, ada, cy, today=today)
    assert left is not None
    assert [member.name for member in left.members if member.head] == ["Cy"]
    assert len(before["donor"]) + 1 == len(dump(db)["donor"])
    assert bo


def test_a_pause_of_a_pledge_that_was_changed_since_stays(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    mara = db.scalar(text("select id from donor where name = 'Mara Vogel'"))
    assert mara is not None
    pledge = make.pledge(db, mara, "10", source="file", external_id="P7")
    data = "pledge_id,from,to\nP7,2026-05-01,2026-05-31\n"
    run = bring(db, ada, data, today, now, kind="pledge-pauses")
    assert counts(run) == (1, 0, 0, 0, 0)
    pledges.pause(db, ada, pledge_id=pledge, start=date(2026, 12, 1), today=today)
    kept = imports.undo(db, ada, run_id=run.run_id, now=now).kept
    assert kept == ("Pledge of Mara Vogel was changed by somebody since.",)
    pauses = "select starts_on from pledge_pause where pledge_id = :id order by 1"
    assert db.scalars(text(pauses), {"id": pledge}).all() == [date(2026, 5, 1), date(2026, 12, 1)]


def test_a_file_of_another_system_is_mapped_and_imported_once(
    db: Session, ada: Actor, today: date, now: datetime
) -> None:
    before = dump(db)
    files = {
        "tags": "E-mail,Label\nmara@vogel.example,New\nmara@vogel.example,choir\n,Unused\n",
        "phones": "E-mail,Number,Kind\nmara@vogel.example,555 0199,Cell\n",
        "addresses": (
            "E-mail,Street,Country,Kind,Season from (month-day),Season to (month-day)\n"
            "office@works.example,9 Pier,Atlantis,,06-01,08-31\n"
        ),
        "relations": "E-mail,Relationship,Related e-mail\n"
        "office@works.example,Referred by,mara@vogel.example\n",
        "campaigns": 'Campaign,Target,Starts,Ends\nAutumn,"1,000",2026-09-01,2026-10-31\n',
    }
    runs = [bring(db, ada, data, today, now, kind=kind) for kind, data in files.items()]
    assert [counts(run) for run in runs] == [
        (2, 0, 1, 0, 0),
        (1, 0, 0, 0, 0),
        (1, 0, 0, 0, 0),
        (1, 0, 0, 0, 0),
        (1, 0, 0, 0, 0),
    ]
    assert [codes(run) for run in runs] == [[]] * 5
    assert notes(runs[2]) == ["country_unknown"]
    address = "select type, is_primary from donor_address where street = '9 Pier'"
    assert db.execute(text(address)).one() == ("seasonal", True)
    for kind, data in files.items():
        again = bring(db, ada, data, today, now, kind=kind)
        assert counts(again) == (0, 0, again.plan.main.rows, 0, 0), kind
    for run in reversed(runs):
        assert imports.undo(db, ada, run_id=run.run_id, now=now).kept == ()
    assert dump(db) == before
