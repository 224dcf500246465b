"""My settings: what is saved, what is refused, which devices end."""

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from app import accounts
from app.db import transaction
from tests import factories
from tests.pages.conftest import field, press, words

OLD, NEW = "violet ladder seven oceans", "orbit candle meadow thirty"


@pytest.fixture
def ruth(database):
    with transaction() as db:
        factories.organisation(db)
        ada = factories.person(db, "admin")
        user_id = accounts.create_user(
            db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=OLD
        )
        return accounts.actor_by_id(db, user_id)


def me(ruth):
    with transaction() as db:
        return accounts.profile(db, ruth)


def change(page: AppTest, old: str, new: str, again: str) -> AppTest:
    for name, value in {"old": old, "new": new, "again": again}.items():
        field(page, f"password_{name}").set_value(value)
    return press(page, "Change password")


def test_everything_is_kept(screen, ruth):
    page = screen("settings", ruth)
    assert not page.exception
    chosen = {
        "name": "Ruth  Adeyemi",
        "goal": "4,000",
        "zone": "Europe/Lisbon",
        "summary": False,
        "weekday": "Friday",
        "hour": 17,
        "late_pledge": "at once",
    }
    for name, value in chosen.items():
        field(page, f"me_{name}").set_value(value)
    press(page, "Save settings")
    assert "Your settings are saved" in words(page)
    kept = me(ruth)
    assert (kept.name, kept.monthly_goal_minor, kept.time_zone) == (
        "Ruth Adeyemi",
        400_000,
        "Europe/Lisbon",
    )
    assert (kept.summary_on, kept.summary_weekday, kept.summary_hour) == (False, 4, 17)
    assert kept.alert_channels == {"late_pledge": "at once", "at_risk": "summary"}


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("name", "", "A name is needed"),
        ("goal", "lots", "is not an amount"),
        ("goal", "-5", "less than nothing"),
        ("goal", "10.0005", "more decimals"),
    ],
)
def test_what_cannot_be_is_refused(screen, ruth, name, value, why):
    page = screen("settings", ruth)
    field(page, f"me_{name}").set_value(value)
    press(page, "Save settings")
    assert why in words(page).replace("\\", "")
    assert me(ruth).name == "Ruth"
    assert me(ruth).monthly_goal_minor == 0


@pytest.mark.parametrize(
    ("old", "new", "again", "why"),
    [
        ("not this one at all", NEW, NEW, "current password is not right"),
        (OLD, NEW, NEW + " 2", "two new passwords differ"),
        (OLD, "Ruth Ruth Ruth", "Ruth Ruth Ruth", "easy to guess"),
        (OLD, "short", "short", "12 to 128 characters"),
    ],
)
def test_a_password_is_refused(screen, ruth, old, new, again, why):
    page = change(screen("settings", ruth), old, new, again)
    assert why in words(page).replace("\\", "")
    with transaction() as db:
        assert accounts.sign_in(db, email=ruth.email, password=OLD, now=datetime.now(UTC))


def test_a_new_password_ends_the_other_devices(screen, ruth):
    now = datetime.now(UTC)
    with transaction() as db:
        here, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
        there, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
    page = screen("settings", ruth)
    page.session_state["session_id"] = here
    change(page, OLD, NEW, NEW)
    assert "Your new password is set" in words(page)
    with transaction() as db:
        assert accounts.session_actor(db, session_id=here, now=now)
        assert accounts.session_actor(db, session_id=there, now=now) is None
        assert accounts.sign_in(db, email=ruth.email, password=NEW, now=now)
        assert accounts.sign_in(db, email=ruth.email, password=OLD, now=now) is None


def test_other_devices_are_listed_and_ended(screen, ruth):
    now = datetime.now(UTC)
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
    with transaction() as db:
        here, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
        accounts.open_session(
            db, user_id=ruth.user_id, now=now, user_agent=phone, address="192.0.2.7"
        )
    page = screen("settings", ruth)
    page.session_state["session_id"] = here
    page.run()
    assert "**Safari on iPhone**" in words(page)
    assert "this device" in words(page)
    press(page, "Sign out other devices")
    assert "**Safari on iPhone**" not in words(page)
    press(page, "Sign out other devices")
    assert "No other device was signed in" in words(page)
