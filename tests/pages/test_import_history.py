"""The list of imports: who, when, what; cancelling one, bringing one in again."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from app import imports
from app.accounts import Role
from app.db import transaction
from app.imports import upload_store
from app.kit.errors import NotFoundError
from tests import factories as make
from tests.pages import conftest
from tests.pages.conftest import press
from tests.pages.test_import_file import DONORS, button, upload

NOW = datetime.now(UTC)


@pytest.fixture
def ruth(database):
    with transaction() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane")


def words(page) -> str:
    """Return what a person reads, as they read it."""
    return conftest.words(page).replace("\\", "")


def bring(actor, data=DONORS, **how) -> int:
    with transaction() as db:
        seen = imports.import_file(
            db, actor, today=NOW.date(), now=NOW, data=data, file_name="people.csv", **how
        )
    return seen.run_id


def hand_over(actor) -> int:
    with transaction() as db:
        seen = imports.preview(db, actor, today=NOW.date(), data=DONORS, file_name="people.csv")
        imports.queue_import(db, actor, run_id=seen.run_id, plan_hash=seen.plan_hash)
    return seen.run_id


def state(run_id: int) -> str:
    with transaction() as db:
        return db.scalar(text("select state from import_run where id = :id"), {"id": run_id})


def test_a_line_says_who_when_what(screen, ruth):
    bring(ruth)
    said = words(screen("import_file", ruth))
    for part in ("people.csv", "Done", "Ruth Vane", "3 new, 0 changed, 1 not imported"):
        assert part in said
    assert " at " in said


def test_cancelling_from_the_screen_survives_a_reload(screen, ruth):
    run_id = hand_over(ruth)
    page = screen("import_file", ruth)
    assert button(page, "Cancel this import")
    # whoever comes back still can
    page = press(screen("import_file", ruth), "Cancel this import")
    assert not page.exception
    assert "It is cancelled. Nothing was changed." in words(page)
    assert state(run_id) == "cancelled"
    page = screen("import_file", ruth)
    assert "Cancelled by Ruth Vane" in words(page)
    assert "Nothing was changed" in words(page)
    assert not [one for one in page.button if one.label == "Cancel this import"]


def test_one_that_has_just_ended_says_that_it_is_in(screen, ruth):
    run_id = hand_over(ruth)
    page = screen("import_file", ruth)
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    page = press(page, "Cancel this import")
    assert not page.exception
    assert "It was in already; you can undo it" in words(page)
    assert state(run_id) == "done"


def test_an_administrator_cancels_for_somebody(screen, ruth):
    run_id = hand_over(ruth)
    with transaction() as db:
        ada = make.person(db, role=Role.ADMIN, name="Ada Stone")
        other = make.person(db)
    assert not [one for one in screen("import_file", other).button if "Cancel" in one.label]
    press(screen("import_file", ada), "Cancel this import")
    assert state(run_id) == "cancelled"
    assert "Cancelled by Ada Stone" in words(screen("import_file", ruth))


def test_a_big_one_is_taken_back_by_the_worker(screen, ruth, monkeypatch):
    run_id = bring(ruth)
    monkeypatch.setattr(imports, "BIG", 2)
    page = press(press(screen("import_file", ruth), "Undo"), "Undo import")
    assert not page.exception
    assert state(run_id) == "undoing"
    page = press(screen("import_file", ruth), "Cancel this undo")
    assert not page.exception
    assert "It is cancelled. Nothing was changed." in words(page)
    assert state(run_id) == "done"
    press(press(page, "Undo"), "Undo import")
    with transaction() as db:
        db.execute(
            text(
                "update donor set version = version + 1 where id = (select min(id)"
                " from donor where import_run_id is not null)"
            )
        )
    assert imports.undo_queued(run_id, now=NOW) == f"Import {run_id} is undone."
    said = words(screen("import_file", ruth))
    assert "Undone" in said
    assert "1 row stayed" in said


def test_a_kept_file_is_imported_again(screen, ruth):
    run_id = bring(ruth)
    with transaction() as db:
        imports.undo(db, ruth, run_id=run_id, now=NOW)
    page = press(screen("import_file", ruth), "Import this file again")
    assert not page.exception
    assert "once more" in words(page)
    page = press(page, "Import 3 donors")
    assert not page.exception
    assert "3 new" in words(page)
    with transaction() as db:
        assert [one.state for one in imports.history(db, ruth)] == ["done", "undone"]


def test_again_can_be_left_and_another_file_chosen(screen, ruth):
    bring(ruth)
    page = press(screen("import_file", ruth), "Import this file again")
    assert "in this file is here already" in words(page)
    page = press(page, "Leave it")
    assert "once more" not in words(page)
    page = press(page, "Import this file again")
    page = upload(page, b"name,email\nIvy Ash,ivy@example.org\n")
    assert "once more" not in words(page)
    assert button(page, "Import 1 donor")


def test_again_remembers_what_was_said(screen, ruth):
    data = b"Who,Mail,Gift Amount,Gift Date\nPim Oak,pim@oak.example,10,03/04/2024\n"
    mapping = {"Who": "name", "Mail": "email", "Gift Amount": "amount", "Gift Date": "gift_date"}
    run_id = bring(ruth, data, kind="gifts", mapping=mapping, date_order="dmy")
    with transaction() as db:
        imports.undo(db, ruth, run_id=run_id, now=NOW)
    page = press(screen("import_file", ruth), "Import this file again")
    assert not page.exception
    assert "on 3 Apr 2024" in words(page)


def test_again_asks_again_what_was_not_answered(screen, ruth):
    bring(ruth, b"Full name,Status\nAnn Lee,Friend\nCy Vane,donor\n")
    page = press(screen("import_file", ruth), "Import this file again")
    asked = next(one for one in page.selectbox if one.label == "Status: Friend")
    asked.set_value("donor").run()
    assert not page.exception
    press(page, "Import 1 donor")
    with transaction() as db:
        assert db.scalar(text("select status from donor where name = 'Ann Lee'")) == "donor"


def test_a_removed_file_is_said_to_be_gone(screen, ruth):
    bring(ruth)
    page = screen("import_file", ruth)
    upload_store.forget(upload_store.digest(DONORS))
    # it went while the person was looking at the button
    page = press(page, "Import this file again")
    assert not page.exception
    assert "no longer kept here" in words(page)
    page = screen("import_file", ruth)
    assert "files are removed after 90 days" in words(page)
    assert not [one for one in page.button if one.label == "Import this file again"]
    assert not page.get("link_button")


def test_the_file_is_offered_through_the_checked_route(screen, ruth):
    run_id = bring(ruth)
    (link,) = [
        one
        for one in screen("import_file", ruth).get("link_button")
        if one.proto.label == "Download the file"
    ]
    assert urlsplit(link.proto.url).path == f"/api/v1/files/imports/{run_id}/file"


def test_new_donors_go_to_the_same_person_or_it_is_said(screen, ruth):
    with transaction() as db:
        ada = make.person(db, role=Role.ADMIN)
        email = db.scalar(text("select email from app_user where id = :id"), {"id": ruth.user_id})
    run_id = bring(ada, owner=email)
    with transaction() as db:
        imports.undo(db, ada, run_id=run_id, now=NOW)
        seen = imports.preview_again(db, ada, run_id=run_id, today=NOW.date())
        owner = text("select options ->> 'owner_id' from import_run where id = :id")
        assert db.scalar(owner, {"id": seen.run_id}) == str(ruth.user_id)
        db.execute(text("update app_user set active = false where id = :id"), {"id": ruth.user_id})
    page = press(screen("import_file", ada), "Import this file again")
    assert not page.exception
    assert "has no active account any more" in words(page)


def test_nobody_brings_in_what_they_may_not_see(ruth):
    run_id = bring(ruth)
    with transaction() as db:
        other = make.person(db)
    for act in (imports.kept_file, imports.answers):
        with pytest.raises(NotFoundError), transaction(other) as db:
            act(db, other, run_id=run_id)
    with pytest.raises(NotFoundError), transaction() as db:
        imports.preview_again(db, other, run_id=run_id, today=NOW.date())
