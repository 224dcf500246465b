"""The export screen: rows and downloads by role, and the empty one."""

from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from app.accounts import Role
from app.db import transaction
from tests import factories

PAGE = Path(__file__).parents[2] / "pages" / "export.py"


def screen(actor) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=30)
    page.session_state["actor"] = actor
    return page.run()


def words(page: AppTest) -> str:
    return "\n".join(
        str(one.value) for kind in ("markdown", "caption", "info") for one in getattr(page, kind)
    )


def test_counts_only_what_the_person_sees(database):
    with transaction() as db:
        ruth, sam = factories.person(db), factories.person(db)
        factories.donor(db, owner=ruth)
        factories.donor(db, owner=sam)
    page = screen(ruth)
    assert not page.exception
    assert "**1 donor**" in words(page)
    assert "**0 gifts**" in words(page)
    assert "Nothing yet" in words(page)
    links = [(one.proto.label, one.proto.url) for one in page.get("link_button")]
    assert links == [
        (called, f"/api/v1/files/{kind}.{form}")
        for kind in ("donors", "figures")
        for called, form in (("CSV", "csv"), ("Excel", "xlsx"))
    ]


def test_coach_is_told_why_there_is_nothing(database):
    with transaction() as db:
        coach = factories.person(db, role=Role.COACH)
    page = screen(coach)
    assert "Your role does not export data" in words(page)


def test_a_file_that_comes_regularly_is_asked_for_listed_and_stopped(database):
    with transaction() as db:
        factories.organisation(db)
        ruth = factories.person(db)
        factories.gift(db, factories.donor(db, owner=ruth), "10")
    page = screen(ruth)
    page = next(one for one in page.button if one.key == "regular_gifts").click().run()
    page = next(one for one in page.button if one.label == "Send it regularly").click().run()
    assert not page.exception
    page = screen(ruth)
    assert "**Gifts** as CSV" in words(page)
    assert "Every Monday, every gift of the week just ended · next on " in words(page)
    (fetch,) = [one.proto for one in page.get("link_button") if one.proto.label == "Fetch"]
    assert fetch.url.startswith("/api/v1/files/gifts.csv?since=")
    page = next(one for one in page.button if one.label == "Stop").click().run()
    assert "Scheduled exports" not in [one.value for one in page.subheader]
    assert "does not come any more" in page.toast[0].value


def test_borrowed_eyes_ask_for_nothing(database):
    with transaction() as db:
        ruth = factories.person(db)
        factories.donor(db, owner=ruth)
    page = screen(replace(ruth, viewer_id=ruth.user_id + 1, viewer_name="Ada"))
    assert not [one for one in page.button if one.label == "Regularly"]
