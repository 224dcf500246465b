"""People: made with a password or a link, changed, ended, let in again."""

from datetime import UTC, datetime

import pytest

from app import accounts, mail
from app.accounts import SYSTEM
from app.db import transaction
from tests import factories
from tests.pages.conftest import field, press, words

GOOD = "violet ladder seven oceans"


@pytest.fixture
def ada(database):
    with transaction() as db:
        factories.organisation(db)
        return factories.person(db, "admin", name="Ada", email="ada@example.org")


def everybody():
    with transaction() as db:
        return {one.email: one for one in accounts.people(db, SYSTEM)}


def add(page, **fields):
    press(page, "Add a person")
    for name, value in fields.items():
        field(page, f"new_person_{name}").set_value(value)
    return press(page, "Add person")


def test_alone_the_administrator_cannot_end_herself(screen, ada):
    page = screen("people", ada)
    assert not page.exception
    assert "1 person can sign in" in words(page)
    assert "**Ada** (you)" in words(page)
    assert [one.label for one in page.button] == ["Add a person"]


def test_a_person_with_a_first_password(screen, ada):
    page = screen("people", ada)
    add(page, name="Sam  Whitlock", email="sam@Example.org", role="finance", password=GOOD)
    assert not page.exception
    sam = everybody()["sam@example.org"]
    assert (sam.name, sam.role, sam.active) == ("Sam Whitlock", "finance", True)
    with transaction() as db:
        assert mail.messages(db) == []


def test_a_person_without_one_gets_a_link(screen, ada):
    add(screen("people", ada), name="Sam", email="sam@example.org")
    with transaction() as db:
        assert [one.to_email for one in mail.messages(db)] == ["sam@example.org"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "Sam", "email": "sam"}, "is not an e"),
        ({"name": " ", "email": "sam@example.org"}, "A name is needed"),
        ({"name": "Ada", "email": "ADA@example.org"}, "already has the e"),
        ({"name": "Sam", "email": "sam@example.org", "password": "123456789012"}, "easy to guess"),
    ],
    ids=["address", "name", "taken", "password"],
)
def test_refusals_say_why_and_make_nobody(screen, ada, fields, why):
    page = press(add(screen("people", ada), **fields), "Add a person")
    assert why in words(page).replace("\\", "")
    assert list(everybody()) == ["ada@example.org"]


def test_another_role_and_a_team(screen, ada):
    with transaction() as db:
        grace = factories.person(db, name="Grace")
        ruth = factories.person(db, name="Ruth")
    page = screen("people", ada)
    page.button(key=f"change_{grace.user_id}").click().run()
    field(page, "change_person_role").set_value("supervisor")
    field(page, "change_person_team").set_value([ruth.user_id])
    press(page, "Save")
    assert not page.exception
    assert everybody()[grace.email].role == "supervisor"
    assert "looks after Ruth" in words(screen("people", ada))


def test_ended_and_let_in_again(screen, ada):
    with transaction() as db:
        ruth = factories.person(db, name="Ruth")
        session, _ = accounts.open_session(db, user_id=ruth.user_id, now=datetime.now(UTC))
    page = screen("people", ada)
    page.button(key=f"end_{ruth.user_id}").click().run()
    assert "signed out everywhere at once" in words(page)
    press(page, "Deactivate")
    assert not everybody()[ruth.email].active
    with transaction() as db:
        assert accounts.session_actor(db, session_id=session, now=datetime.now(UTC)) is None
    page = screen("people", ada)
    assert "1 deactivated" in words(page)
    page.button(key=f"again_{ruth.user_id}").click().run()
    assert everybody()[ruth.email].active


def test_only_administrators(screen, database):
    with transaction() as db:
        ruth = factories.person(db)
    page = screen("people", ruth)
    assert page.exception
    assert words(page) == ""
