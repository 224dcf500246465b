"""Every screen with the application's filter taken away: the second wall shows nobody's donors."""

import pytest

from app.db import transaction_for_system
from app.ui.base.screens import SCREENS
from tests import factories as make
from tests.integration.accounts import test_authorization as scope
from tests.pages.test_coach import DIGITS, drawn, house
from tests.rls_matrix import without_filter

__all__ = ["house"]
TURNS = {"donors": {"query": "Quill"}, "gifts": {"query": "Quill"}}
PEOPLE = [one for one in scope.SEES if one != "system"]


@pytest.fixture
def file(database) -> scope.File:
    with transaction_for_system() as db:
        made = scope.file.__wrapped__(db)
        for donor_id in made.donors.values():
            make.contact(db, donor_id, text="Spoke.")
            make.task(db, made.people["mei"], "Ask", donor_id=donor_id, due_on=scope.TODAY)
    return made


@pytest.mark.parametrize("role", PEOPLE)
def test_no_screen_shows_a_stranger(file, screen, role, monkeypatch):
    without_filter(monkeypatch)
    who = file.people[role]
    strangers = scope.EVERYBODY - scope.SEES[role]
    for one in SCREENS:
        seen = drawn(screen(one.file, who, **TURNS.get(one.file, {})))
        for name in strangers:
            assert f"Quill of {name}" not in seen, one.file
    for name in scope.EVERYBODY:
        page = screen("donor", who, id=str(file.donors[name]))
        assert not page.exception
        assert (f"Quill of {name}" in drawn(page)) == (name in scope.SEES[role])


def test_no_screen_shows_a_coach_a_sum(house, screen, monkeypatch):
    """What a coach has no row of: gifts, and the sums of a month or a year."""
    without_filter(monkeypatch)
    for one in SCREENS:
        seen = drawn(screen(one.file, house["coach"]))
        assert "foreign" not in seen
        assert not DIGITS.search(seen), one.file
