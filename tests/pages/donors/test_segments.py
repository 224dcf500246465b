"""Conditions and segments above the list of donors."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import html_tables, page_text, press

GIVERS = '[[["gifts","at least","1"]]]'


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth", locale="de_DE")
        make.gift(db, make.donor(db, ruth, "Anna"), "1500", date(2026, 5, 1))
        make.gift(db, make.donor(db, ruth, "Bo"), "20", date(2026, 5, 1))
        make.donor(db, ruth, "Cleo")
        return ruth


def found(page: AppTest) -> list[str]:
    assert not page.exception
    return [name for table in html_tables(page) for name in table["Name"]]


def text(page: AppTest) -> str:
    return page_text(page).replace("\\", "")


def test_conditions_of_the_address_are_said_and_removed(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    page = screen("donors", ruth, where='[[["lifetime","at least","1000.50"]]]')
    assert found(page) == ["Anna"]
    assert "Lifetime giving at least 1.000,50 $" in text(page).replace("\N{NO-BREAK SPACE}", " ")
    page = press(page, "Conditions (1)")
    assert "1 donor of this list meets the conditions." in text(page)
    page = press(page, "Remove conditions")
    assert found(page) == ["Anna", "Bo", "Cleo"]
    assert "where" not in page.query_params


def test_a_segment_is_saved_chosen_changed_and_deleted(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    page = press(screen("donors", ruth, where=GIVERS), "Save as segment")
    page.text_input(key="segment_name").set_value("Givers")
    page = press(page, "Save segment")
    assert found(page) == ["Anna", "Bo"]
    assert "where" not in page.query_params
    (segment,) = page.query_params["segment"]
    assert "Givers: Number of gifts at least 1." in text(page)
    page = press(screen("donors", ruth, segment=segment), "Change")
    page.text_input(key="segment_name").set_value("Everybody who gave")
    page = press(page, "Save segment")
    assert "Everybody who gave: Number of gifts" in text(page)
    page = press(screen("donors", ruth, segment=segment), "Change")
    page = press(page, "Delete this segment")
    assert found(page) == ["Anna", "Bo", "Cleo"]
    assert "segment" not in page.query_params


def test_an_unknown_condition_is_said_and_shows_no_donor(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    for where, words in (("{", "cannot be read"), ('[[["tag","is","9"]]]', "Tag: a choice")):
        page = screen("donors", ruth, where=where)
        assert words in text(page)
        assert found(page) == []
        page = press(page, "Remove conditions")
        assert found(page) == ["Anna", "Bo", "Cleo"]


def test_who_looks_through_others_eyes_saves_no_segment(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        lead = make.person(db, "supervisor")
        make.looks_after(db, lead, ruth)
        segment = make.segment(db, lead, name="Of the lead")
    page = screen("donors", lead, segment=str(segment), where=GIVERS)
    labels = {button.label for button in page.button}
    assert {"Save as segment", "Change"} <= labels
