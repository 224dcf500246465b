"""The export screen: rows and downloads by role, and the empty one."""

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
    return "\n".join(str(one.value) for kind in ("markdown", "caption", "info")
                     for one in getattr(page, kind))  # fmt: skip


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
