"""Consent and erasure on a donor's page."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import donors
from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import field, page_text, press

TODAY = datetime.now(UTC).date()


@pytest.fixture
def house(database: URL) -> tuple[dict[str, Actor], int]:
    with transaction_for_system() as db:
        make.organisation(db)
        people = {role: make.person(db, role) for role in ("admin", "fundraiser", "read_only")}
        donor_id = make.donor(db, people["fundraiser"], "Mara *Vogel*", email="mara@example.org")
        make.gift(db, donor_id, "50")
        return people, donor_id


def page_of(
    screen: Callable[..., AppTest], house: tuple[dict[str, Actor], int], role: str
) -> AppTest:
    people, donor_id = house
    return screen("donor", people[role], id=str(donor_id))


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_a_consent_is_recorded_and_read_by_all(
    screen: Callable[..., AppTest], house: tuple[dict[str, Actor], int]
) -> None:
    page = press(page_of(screen, house, "fundraiser"), "Record an answer")
    field(page, "consent_channel").set_value("phone")
    field(page, "consent_purpose").set_value("everything")
    page.segmented_control[0].set_value("Refused")
    field(page, "consent_source").set_value("Said <b>so</b>")
    page = press(page, "Write down")
    assert not page.exception
    for role in ("fundraiser", "read_only"):
        page = page_of(screen, house, role)
        assert "**Phone**, anything at all: refused" in page_text(page)
        assert "Said \\<b\\>so\\<\\/b\\>" in page_text(page)
        assert ("Record an answer" in labels(page)) == (role == "fundraiser")


def test_without_consents_there_is_a_placeholder(
    screen: Callable[..., AppTest], house: tuple[dict[str, Actor], int]
) -> None:
    assert "Nothing recorded yet" in page_text(page_of(screen, house, "read_only"))


def test_only_an_administrator_may_erase_and_types_the_name(
    screen: Callable[..., AppTest], house: tuple[dict[str, Actor], int]
) -> None:
    for role in ("fundraiser", "read_only"):
        assert "Erase this person" not in labels(page_of(screen, house, role))
    page = press(page_of(screen, house, "admin"), "Erase this person")
    assert "There is no way back" in page_text(page)
    field(page, "erase_donor_name").set_value("Mara")
    page = press(page, "Erase for good")
    people, donor_id = house
    with transaction_for_system() as db:
        assert donors.get(db, people["admin"], donor_id, today=TODAY).name == "Mara *Vogel*"
    page = press(page_of(screen, house, "admin"), "Erase this person")
    field(page, "erase_donor_name").set_value("mara *vogel*")
    page = press(page, "Erase for good")
    page = page_of(screen, house, "admin")
    assert page.title[0].value == "Erased donor"
    assert not {"Edit", "Erase this person", "Record an answer"} & set(labels(page))
    assert "mara@example" not in page_text(page)
