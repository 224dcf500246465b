"""Two-factor authentication and API tokens on My settings, and the reset on People."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import accounts
from app.db import transaction_for_system
from app.ui.people.list import LOST_PHONE
from tests import factories
from tests.pages.account.test_settings import OLD
from tests.pages.conftest import field, page_text, press
from tests.values import present


@pytest.fixture
def ada(database: URL) -> accounts.Actor:
    with transaction_for_system() as db:
        factories.organisation(db)
        return factories.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(ada: accounts.Actor) -> accounts.Actor:
    with transaction_for_system() as db:
        user_id = accounts.create_user(
            db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=OLD
        )
        return accounts.actor_by_id(db, user_id)


def codes(page: AppTest) -> list[str]:
    return [code.value for code in page.code]


def phone_of(page: AppTest) -> pyotp.TOTP:
    return pyotp.TOTP(next(code for code in codes(page) if re.fullmatch(r"[A-Z2-7]{32}", code)))


def guard(ruth: accounts.Actor) -> accounts.MfaStatus:
    with transaction_for_system() as db:
        return accounts.mfa_status(db, ruth)


def turn_on(screen: Callable[..., AppTest], ruth: accounts.Actor) -> AppTest:
    page = press(screen("settings", ruth), "Turn on")
    phone = phone_of(page)
    field(page, "second_factor_on_code").set_value(phone.now())
    form = [button for button in page.button if button.label == "Turn on"][-1]
    return form.click().run()


def test_turning_it_on_with_the_phone(
    screen: Callable[..., AppTest], ruth: accounts.Actor
) -> None:
    page = turn_on(screen, ruth)
    assert not page.exception
    [recovery_codes] = codes(page)
    assert len(recovery_codes.splitlines()) == 10
    assert guard(ruth).recovery_left == 10
    page = press(page, "I have kept them")
    assert codes(page) == []
    assert "10 recovery codes left" in page_text(page)


def test_a_wrong_code_turns_nothing_on(
    screen: Callable[..., AppTest], ruth: accounts.Actor
) -> None:
    page = press(screen("settings", ruth), "Turn on")
    field(page, "second_factor_on_code").set_value("12")
    page = [button for button in page.button if button.label == "Turn on"][-1].click().run()
    assert "This code is not right" in str(page.session_state["second_factor_on_refused"])
    assert guard(ruth).since is None


def test_an_administrator_helps_who_lost_the_phone(
    screen: Callable[..., AppTest], ruth: accounts.Actor, ada: accounts.Actor
) -> None:
    turn_on(screen, ruth)
    page = screen("people", ada)
    page = page.menu_button(key=f"more_{ruth.user_id}").click(LOST_PHONE).run()
    assert "Ruth signs in with the password alone now" in page_text(page)
    assert guard(ruth).since is None
    assert LOST_PHONE not in page.menu_button(key=f"more_{ruth.user_id}").options


def test_a_token_is_shown_once_and_ends(
    screen: Callable[..., AppTest], ruth: accounts.Actor
) -> None:
    page = press(screen("settings", ruth), "New token")
    field(page, "new_token_name").set_value("My <b>sheet</b>")
    page = press(page, "Make token")
    assert not page.exception
    [token] = codes(page)
    with transaction_for_system() as db:
        program = accounts.api_token_actor(db, token=token, now=datetime.now(UTC))
        assert present(program).scopes == frozenset({accounts.Scope.READ})
    page = press(page, "I have it")
    assert codes(page) == []
    assert "My \\<b\\>sheet\\<\\/b\\>" in page_text(page)
    page = press(page, "End")
    with transaction_for_system() as db:
        assert accounts.api_token_actor(db, token=token, now=datetime.now(UTC)) is None


def test_the_calendars_address(screen: Callable[..., AppTest], ruth: accounts.Actor) -> None:
    page = press(screen("settings", ruth), "Make an address")
    [address] = codes(page)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/v1/calendar/dcrm_[\w.-]+\.ics", address)
    assert "shows your tasks" in page_text(page)
    assert "Another address" in [button.label for button in page.button]
