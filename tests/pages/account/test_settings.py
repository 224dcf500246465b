"""My settings: what is saved, what is refused, which devices end."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import accounts, goals
from app.db import transaction_for_system
from app.kit.money import Money
from tests import factories
from tests.pages.conftest import field, page_text, press

OLD, NEW = "violet ladder seven oceans", "orbit candle meadow thirty"


@pytest.fixture
def ruth(database: URL) -> accounts.Actor:
    with transaction_for_system() as db:
        factories.organisation(db)
        ada = factories.person(db, "admin")
        user_id = accounts.create_user(
            db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=OLD
        )
        return accounts.actor_by_id(db, user_id)


def own_profile(ruth: accounts.Actor) -> accounts.UserLine:
    with transaction_for_system() as db:
        return accounts.profile(db, ruth)


def goal_of(person: accounts.Actor) -> Money:
    with transaction_for_system() as db:
        return goals.own_goal(db, person, today=datetime.now(UTC).date())


def change(page: AppTest, old: str, new: str, again: str) -> AppTest:
    for name, value in {"old": old, "new": new, "again": again}.items():
        field(page, f"password_{name}").set_value(value)
    return press(page, "Change password")


def test_all_settings_are_saved(screen: Callable[..., AppTest], ruth: accounts.Actor) -> None:
    page = screen("settings", ruth)
    assert not page.exception
    values = {
        "name": "Ruth  Adeyemi",
        "goal": "4,000",
        "zone": "Europe/Lisbon",
        "summary": False,
        "weekday": "Friday",
        "hour": 17,
        "late_pledge": "at once",
        "locale": "de_AT",
    }
    for name, value in values.items():
        field(page, f"me_{name}").set_value(value)
    press(page, "Save settings")
    assert "Your settings are saved" in page_text(page)
    profile = own_profile(ruth)
    assert (profile.name, profile.time_zone) == ("Ruth Adeyemi", "Europe/Lisbon")
    assert profile.locale == "de_AT"
    assert goal_of(ruth) == Money.of("4000", "USD")
    assert (profile.summary_on, profile.summary_weekday, profile.summary_hour) == (False, 4, 17)
    assert profile.alert_channels == {"late_pledge": "at once", "at_risk": "summary"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("name", "", "A name is needed"),
        ("goal", "lots", "is not an amount"),
        ("goal", "-5", "less than nothing"),
        ("goal", "10.0005", "more decimals"),
    ],
)
def test_invalid_values_are_refused(
    screen: Callable[..., AppTest], ruth: accounts.Actor, name: str, value: str, message: str
) -> None:
    page = screen("settings", ruth)
    field(page, f"me_{name}").set_value(value)
    press(page, "Save settings")
    assert message in page_text(page).replace("\\", "")
    assert own_profile(ruth).name == "Ruth"
    assert goal_of(ruth).minor == 0


@pytest.mark.parametrize(
    ("old", "new", "again", "message"),
    [
        ("not this one at all", NEW, NEW, "current password is not right"),
        (OLD, NEW, NEW + " 2", "two new passwords differ"),
        (OLD, "Ruth Ruth Ruth", "Ruth Ruth Ruth", "easy to guess"),
        (OLD, "short", "short", "12 to 128 characters"),
    ],
)
def test_a_password_is_refused(
    screen: Callable[..., AppTest],
    ruth: accounts.Actor,
    old: str,
    new: str,
    again: str,
    message: str,
) -> None:
    page = change(screen("settings", ruth), old, new, again)
    assert message in page_text(page).replace("\\", "")
    with transaction_for_system() as db:
        assert accounts.sign_in(db, email=ruth.email, password=OLD, now=datetime.now(UTC))


def test_a_new_password_ends_the_other_sessions(
    screen: Callable[..., AppTest], ruth: accounts.Actor
) -> None:
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
        other_session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
    page = screen("settings", ruth)
    page.session_state["session_id"] = session_id
    change(page, OLD, NEW, NEW)
    assert "Your new password is set" in page_text(page)
    with transaction_for_system() as db:
        assert accounts.session_actor(db, session_id=session_id, now=now)
        assert accounts.session_actor(db, session_id=other_session_id, now=now) is None
        assert accounts.sign_in(db, email=ruth.email, password=NEW, now=now)
        assert accounts.sign_in(db, email=ruth.email, password=OLD, now=now) is None


def test_other_devices_are_listed_and_ended(
    screen: Callable[..., AppTest], ruth: accounts.Actor
) -> None:
    now = datetime.now(UTC)
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
    with transaction_for_system() as db:
        session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
        accounts.open_session(
            db, user_id=ruth.user_id, now=now, user_agent=phone, address="192.0.2.7"
        )
    page = screen("settings", ruth)
    page.session_state["session_id"] = session_id
    page.run()
    assert "**Safari on iPhone**" in page_text(page)
    assert "this device" in page_text(page)
    press(page, "Sign out other devices")
    assert "**Safari on iPhone**" not in page_text(page)
    press(page, "Sign out other devices")
    assert "No other device was signed in" in page_text(page)
