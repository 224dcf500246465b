"""The export screen: rows and downloads by role, and the empty one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor, Role
from app.db import transaction_for_system
from app.exports import archive_download
from app.settings import settings
from app.ui.exports import archive
from tests import factories

PAGE = Path(__file__).parents[2] / "pages" / "export.py"


def screen(actor: Actor) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=180)
    page.session_state["actor"] = actor
    return page.run()


def page_text(page: AppTest) -> str:
    return "\n".join(
        str(element.value)
        for kind in ("markdown", "caption", "info")
        for element in getattr(page, kind)
    )


def test_counts_only_rows_in_scope(database: URL) -> None:
    with transaction_for_system() as db:
        ruth, sam = factories.person(db), factories.person(db)
        factories.donor(db, owner=ruth)
        factories.donor(db, owner=sam)
    page = screen(ruth)
    assert not page.exception
    assert "**1 donor**" in page_text(page)
    assert "**0 gifts**" in page_text(page)
    assert "Nothing yet" in page_text(page)
    links = [(link.proto.label, link.proto.url) for link in page.get("link_button")]
    assert links == [
        (called, f"/api/v1/files/{kind}.{form}")
        for kind in ("donors", "figures")
        for called, form in (("CSV", "csv"), ("Excel", "xlsx"))
    ]


def test_coach_is_told_why_there_is_nothing(database: URL) -> None:
    with transaction_for_system() as db:
        coach = factories.person(db, role=Role.COACH)
    page = screen(coach)
    assert "Your role does not export data" in page_text(page)


def test_a_scheduled_export_is_created_listed_and_stopped(database: URL) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        ruth = factories.person(db)
        factories.gift(db, factories.donor(db, owner=ruth), "10")
    page = screen(ruth)
    page = next(button for button in page.button if button.key == "regular_gifts").click().run()
    page = (
        next(button for button in page.button if button.label == "Send it regularly").click().run()
    )
    assert not page.exception
    page = screen(ruth)
    assert "**Gifts** as CSV" in page_text(page)
    assert "Every Monday, every gift of the week just ended · next on " in page_text(page)
    (fetch,) = [link.proto for link in page.get("link_button") if link.proto.label == "Fetch"]
    assert fetch.url.startswith("/api/v1/files/gifts.csv?since=")
    page = next(button for button in page.button if button.label == "Stop").click().run()
    assert "Scheduled exports" not in [subheader.value for subheader in page.subheader]
    assert "The scheduled export is stopped" in page.toast[0].value


def test_a_file_of_donors_asks_what_counts(database: URL) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db)
        factories.donor(db, owner=ruth)
    page = screen(ruth)
    page.selectbox(key="export_donors_unit").set_value("household").run()
    page.selectbox(key="export_donors_credit").set_value("soft").run()
    page.selectbox(key="export_figures_credit").set_value("both").run()
    assert not page.exception
    links = [link.proto.url for link in page.get("link_button")]
    assert "/api/v1/files/donors.csv?unit=household&credit=soft" in links
    assert "/api/v1/files/figures.csv?credit=both" in links


def test_nothing_is_requested_during_impersonation(database: URL) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db)
        factories.donor(db, owner=ruth)
    page = screen(replace(ruth, viewer_id=ruth.user_id + 1, viewer_name="Ada"))
    assert not [button for button in page.button if button.label == "Regularly"]


@pytest.fixture
def ada(database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Actor]:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.cache_clear()
    with transaction_for_system() as db:
        factories.organisation(db)
        ada = factories.person(db, role=Role.ADMIN)
        factories.donor(db, owner=ada)
    yield ada
    archive_download.POOL.submit(int).result(timeout=180)
    settings.cache_clear()


def test_an_administrator_makes_the_archive_and_downloads_it(ada: Actor) -> None:
    page = screen(ada)
    assert archive.EXPLAINED in page_text(page)
    page = next(button for button in page.button if button.key == archive.KEY).click().run()
    assert not page.exception
    assert page.toast[0].value.startswith("The archive is being made")
    archive_download.POOL.submit(int).result(timeout=180)
    page = screen(ada)
    (link,) = [link.proto for link in page.get("link_button") if "archive" in link.proto.label]
    assert link.url == "/api/v1/files/everything.zip"
    assert [button.label for button in page.button if button.key == archive.KEY] == [
        "Make a new one"
    ]


def test_a_running_archive_shows_its_progress_after_a_reload(ada: Actor) -> None:
    now = datetime.now(UTC)
    state = archive_download.Archive("running", now, now, "Ada", ada.user_id, "k", 3, 12, "gifts")
    archive_download.save(state)
    page = screen(ada)
    (bar,) = page.get("progress")
    assert (bar.proto.value, bar.proto.text) == (25, "Writing gifts … You can leave this page.")
    assert not [button for button in page.button if button.key == archive.KEY]
    archive_download.save(replace(state, state="failed", error="The disk is full."))
    page = screen(ada)
    assert [error.value for error in page.error] == ["The disk is full."]
    assert [button for button in page.button if button.key == archive.KEY]


@pytest.mark.parametrize("role", [Role.FUNDRAISER, Role.FINANCE, Role.READ_ONLY])
def test_others_are_not_offered_the_archive(database: URL, role: Role) -> None:
    with transaction_for_system() as db:
        user = factories.person(db, role=role)
    assert "Download everything" not in page_text(screen(user))
