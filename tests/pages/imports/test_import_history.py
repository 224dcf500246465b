"""History of imports on the screen: cancel, undo, and import a file again."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Unpack
from urllib.parse import urlsplit

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import imports
from app.accounts import Actor, Role
from app.db import transaction, transaction_for_system
from app.imports import upload_store
from app.kit.errors import NotFoundError
from tests import factories as make
from tests.pages import conftest
from tests.pages.conftest import press
from tests.pages.imports.test_import_file import DONORS, button, labels, selectbox, upload
from tests.values import ImportChoices

NOW = datetime.now(UTC)


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane")


def shown_text(page: AppTest) -> str:
    """Return the text on the page without Markdown escapes."""
    return conftest.page_text(page).replace("\\", "")


def import_donors(actor: Actor, data: bytes = DONORS, **options: Unpack[ImportChoices]) -> int:
    with transaction_for_system() as db:
        preview = imports.import_file(
            db,
            actor,
            imports.ImportRequest("people.csv", data, **options),
            today=NOW.date(),
            now=NOW,
        )
    return preview.run_id


def queue(actor: Actor) -> int:
    with transaction_for_system() as db:
        preview = imports.preview(
            db, actor, imports.ImportRequest("people.csv", DONORS), today=NOW.date()
        )
        imports.queue_import(db, actor, run_id=preview.run_id, plan_hash=preview.plan_hash)
    return preview.run_id


def state(run_id: int) -> str:
    with transaction_for_system() as db:
        answer: str = db.scalar(
            text("select state from import_run where id = :id"), {"id": run_id}
        )
        return answer


def test_the_history_shows_file_state_user_and_counts(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    import_donors(ruth)
    shown = shown_text(screen("import_file", ruth))
    for part in ("people.csv", "Done", "Ruth Vane", "3 new, 0 changed, 1 not imported"):
        assert part in shown
    assert " at " in shown


def test_an_import_can_be_cancelled_after_a_reload(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    run_id = queue(ruth)
    page = screen("import_file", ruth)
    assert button(page, "Cancel this import")
    # a new session has the button, too
    page = press(screen("import_file", ruth), "Cancel this import")
    assert not page.exception
    assert "It is cancelled. Nothing was changed." in shown_text(page)
    assert state(run_id) == "cancelled"
    page = screen("import_file", ruth)
    assert "Cancelled by Ruth Vane" in shown_text(page)
    assert "Nothing was changed" in shown_text(page)
    assert "Cancel this import" not in labels(page.button)


def test_an_import_that_has_just_ended_is_not_cancelled(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    run_id = queue(ruth)
    page = screen("import_file", ruth)
    imports.run_queued(run_id, today=NOW.date(), now=NOW)
    page = press(page, "Cancel this import")
    assert not page.exception
    assert "It was in already; you can undo it" in shown_text(page)
    assert state(run_id) == "done"


def test_an_administrator_cancels_the_import_of_another_user(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    run_id = queue(ruth)
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN, name="Ada Stone")
        other = make.person(db)
    page = screen("import_file", other)
    assert not [label for label in labels(page.button) if "Cancel" in label]
    press(screen("import_file", ada), "Cancel this import")
    assert state(run_id) == "cancelled"
    assert "Cancelled by Ada Stone" in shown_text(screen("import_file", ruth))


def test_the_undo_dialog_names_what_is_removed_and_put_back(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    import_donors(ruth)
    page = press(screen("import_file", ruth), "Undo")
    assert "people.csv: 3 new records are removed. Later" in shown_text(page).replace("*", "")
    import_donors(ruth, DONORS.replace(b"555", b"777"))
    page = press(screen("import_file", ruth), "Undo")
    said = shown_text(page).replace("*", "")
    assert "changed records are put back as before. Later" in said
    assert "new records" not in said


def test_a_big_import_is_undone_by_the_worker(
    screen: Callable[..., AppTest], ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = import_donors(ruth)
    monkeypatch.setattr(imports, "BIG_IMPORT_ROWS", 2)
    page = press(press(screen("import_file", ruth), "Undo"), "Undo import")
    assert not page.exception
    assert state(run_id) == "undoing"
    page = press(screen("import_file", ruth), "Cancel this undo")
    assert not page.exception
    assert "It is cancelled. Nothing was changed." in shown_text(page)
    assert state(run_id) == "done"
    press(press(page, "Undo"), "Undo import")
    with transaction_for_system() as db:
        db.execute(
            text(
                "update donor set version = version + 1 where id = (select min(id)"
                " from donor where import_run_id is not null)"
            )
        )
    assert imports.undo_queued(run_id, now=NOW) == f"Import {run_id} is undone."
    shown = shown_text(screen("import_file", ruth))
    assert "Undone" in shown
    assert "1 row stayed" in shown


def test_a_stored_file_is_imported_again(screen: Callable[..., AppTest], ruth: Actor) -> None:
    run_id = import_donors(ruth)
    with transaction_for_system() as db:
        imports.undo(db, ruth, run_id=run_id, now=NOW)
    page = press(screen("import_file", ruth), "Import this file again")
    assert not page.exception
    assert "once more" in shown_text(page)
    page = press(page, "Import 3 donors")
    assert not page.exception
    assert "3 new" in shown_text(page)
    with transaction_for_system() as db:
        assert [run.state for run in imports.history(db, ruth)] == ["done", "undone"]


def test_importing_again_can_be_left_for_another_file(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    import_donors(ruth)
    page = press(screen("import_file", ruth), "Import this file again")
    assert "in this file is here already" in shown_text(page)
    page = press(page, "Leave it")
    assert "once more" not in shown_text(page)
    page = press(page, "Import this file again")
    page = upload(page, b"name,email\nIvy Ash,ivy@example.org\n")
    assert "once more" not in shown_text(page)
    assert button(page, "Import 1 donor")


def test_importing_again_uses_the_earlier_options(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    data = b"Who,Mail,Gift Amount,Gift Date\nPim Oak,pim@oak.example,10,03/04/2024\n"
    mapping = {"Who": "name", "Mail": "email", "Gift Amount": "amount", "Gift Date": "gift_date"}
    run_id = import_donors(ruth, data, kind="gifts", mapping=mapping, date_order="dmy")
    with transaction_for_system() as db:
        imports.undo(db, ruth, run_id=run_id, now=NOW)
    page = press(screen("import_file", ruth), "Import this file again")
    assert not page.exception
    assert "on 3 Apr 2024" in shown_text(page)


def test_importing_again_repeats_unanswered_questions(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    import_donors(ruth, b"Full name,Status\nAnn Lee,Friend\nCy Vane,donor\n")
    page = press(screen("import_file", ruth), "Import this file again")
    selectbox(page, "Status: Friend").set_value("donor").run()
    assert not page.exception
    press(page, "Import 1 donor")
    with transaction_for_system() as db:
        assert db.scalar(text("select status from donor where name = 'Ann Lee'")) == "donor"


def test_a_deleted_file_cannot_be_imported_again(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    import_donors(ruth)
    page = screen("import_file", ruth)
    with transaction_for_system() as db:
        imports.delete_files(db, [upload_store.digest(DONORS)])
    # it was deleted while the button was shown
    page = press(page, "Import this file again")
    assert not page.exception
    assert "no longer kept here" in shown_text(page)
    page = screen("import_file", ruth)
    assert "The file is no longer stored" in shown_text(page)
    assert "Import this file again" not in labels(page.button)
    links = [link.proto.label for link in page.get("link_button")]
    assert "Download the file" not in links


def test_the_file_is_downloaded_from_the_route_with_access_checks(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    run_id = import_donors(ruth)
    (link,) = [
        link
        for link in screen("import_file", ruth).get("link_button")
        if link.proto.label == "Download the file"
    ]
    assert urlsplit(link.proto.url).path == f"/api/v1/files/imports/{run_id}/file"


def test_importing_again_needs_an_active_owner_of_new_donors(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, role=Role.ADMIN)
        email = db.scalar(text("select email from app_user where id = :id"), {"id": ruth.user_id})
    run_id = import_donors(ada, owner=email)
    with transaction_for_system() as db:
        imports.undo(db, ada, run_id=run_id, now=NOW)
        preview = imports.preview_again(db, ada, run_id=run_id, today=NOW.date())
        owner = text("select options ->> 'owner_id' from import_run where id = :id")
        assert db.scalar(owner, {"id": preview.run_id}) == str(ruth.user_id)
        db.execute(text("update app_user set active = false where id = :id"), {"id": ruth.user_id})
    page = press(screen("import_file", ada), "Import this file again")
    assert not page.exception
    assert "has no active account any more" in shown_text(page)


def test_the_import_of_another_user_cannot_be_read_or_repeated(ruth: Actor) -> None:
    run_id = import_donors(ruth)
    with transaction_for_system() as db:
        other = make.person(db)
    for read in (imports.stored_file, imports.earlier_answers):
        with pytest.raises(NotFoundError), transaction(other) as db:
            read(db, other, run_id=run_id)
    with pytest.raises(NotFoundError), transaction_for_system() as db:
        imports.preview_again(db, other, run_id=run_id, today=NOW.date())
