"""Every screen without the application's filter: row-level security hides other donors."""

from collections.abc import Callable

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.db import transaction_for_system
from app.ui.base.screens import SCREENS
from tests import factories as make
from tests.integration.accounts import test_authorization as scope
from tests.pages.access.test_coach import DIGITS, drawn, make_team
from tests.rls_matrix import without_filter

TURNS = {"donors": {"query": "Quill"}, "gifts": {"query": "Quill"}}
PEOPLE = [name for name in scope.SEES if name != "system"]


@pytest.fixture
def file(database: URL) -> scope.File:
    with transaction_for_system() as db:
        content = scope.make_file(db)
        for donor_id in content.donors.values():
            make.contact(db, donor_id, text="Spoke.")
            make.task(db, content.people["mei"], "Ask", donor_id=donor_id, due_on=scope.TODAY)
    return content


@pytest.mark.parametrize("role", PEOPLE)
def test_no_screen_shows_a_foreign_donor(
    file: scope.File, screen: Callable[..., AppTest], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_filter(monkeypatch)
    actor = file.people[role]
    strangers = scope.EVERYBODY - scope.SEES[role]
    for entry in SCREENS:
        text = drawn(screen(entry.file, actor, **TURNS.get(entry.file, {})))
        for name in strangers:
            assert f"Quill of {name}" not in text, entry.file
    for name in scope.EVERYBODY:
        page = screen("donor", actor, id=str(file.donors[name]))
        assert not page.exception
        assert (f"Quill of {name}" in drawn(page)) == (name in scope.SEES[role])


def test_no_screen_shows_a_coach_a_sum(
    database: URL, screen: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables whose rows a coach cannot read: gifts, and the sums of a month or a year."""
    team = make_team()
    without_filter(monkeypatch)
    for entry in SCREENS:
        text = drawn(screen(entry.file, team["coach"]))
        assert "foreign" not in text
        assert not DIGITS.search(text), entry.file
