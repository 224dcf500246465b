"""The e-mail addresses of the donors of the list, without those who do not want e-mail."""

from collections.abc import Callable

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import page_text, press


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth")
        make.donor(db, ruth, "Anna", email="anna@example.org")
        make.donor(db, ruth, "Bo", email="bo@example.org", no_email=True)
        return ruth


def test_the_addresses_stand_above_the_list_until_closed(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    page = press(screen("donors", ruth), "Copy e-mails")
    assert page.radio(key="bulk_emails_who").options == ["All 2 donors of this list"]
    page = press(page, "Show the addresses")
    assert not page.exception
    assert [code.value for code in page.code] == ["anna@example.org"]
    words = page_text(page).replace("\\", "")
    assert "1 address. Left out: 1 does not want e-mail." in words
    page = press(page, "Close")
    assert not page.code


def test_roles_without_exports_have_no_button(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        coach, reader = make.person(db, "coach"), make.person(db, "read_only")
        make.looks_after(db, coach, ruth, "coach")
    labels = {button.label for button in screen("donors", coach).button}
    assert "Copy e-mails" not in labels
    labels = {button.label for button in screen("donors", reader).button}
    assert "Copy e-mails" in labels
    assert "Tag donors" not in labels
