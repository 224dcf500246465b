"""The export screen: rows and downloads by role, and the empty one."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor, Role
from app.db import transaction_for_system
from tests import factories

PAGE = Path(__file__).parents[2] / "pages" / "export.py"


def screen(actor: Actor) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=30)
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


def test_nothing_is_requested_during_impersonation(database: URL) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db)
        factories.donor(db, owner=ruth)
    page = screen(replace(ruth, viewer_id=ruth.user_id + 1, viewer_name="Ada"))
    assert not [button for button in page.button if button.label == "Regularly"]
