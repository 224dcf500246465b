"""Passkeys on My settings, the policy by role on People, and the setup page it requires."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import accounts
from app.accounts import SYSTEM
from app.db import transaction_for_system
from app.settings import settings
from app.ui.people.list import LOST_PHONE
from tests import factories
from tests.authenticator import Authenticator
from tests.pages.account.test_second_factor import ada, phone_of, ruth
from tests.pages.conftest import field, page_text, press
from tests.pages.test_navigation import _no_browser, buttons, enter, frame

__all__ = ["_no_browser", "ada", "ruth"]
ORIGIN = "https://crm.example.org"


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", ORIGIN)
    settings.cache_clear()


def add_passkey(actor: accounts.Actor, name: str = "My <b>phone</b>") -> int:
    with transaction_for_system() as db:
        now = datetime.now(UTC)
        options = accounts.begin_passkey(db, actor, now=now)
        response = Authenticator(ORIGIN, "crm.example.org").create(options)
        return accounts.add_passkey(db, actor, response=response, name=name, now=now)


def passkey_names(actor: accounts.Actor) -> list[str]:
    with transaction_for_system() as db:
        return [passkey.name for passkey in accounts.own_passkeys(db, actor)]


def click(page: AppTest, key: str) -> AppTest:
    return next(button for button in page.button if button.key == key).click().run()


def links(page: AppTest) -> str:
    return "\n".join(str(element.proto) for element in page.get("html"))


def require_mfa(*roles: str, days: int = 0) -> None:
    with transaction_for_system() as db:
        accounts.save_mfa_policy(
            db, SYSTEM, roles=roles, grace_days=days, now=datetime.now(UTC) - timedelta(hours=1)
        )


def test_passkeys_are_listed_renamed_and_removed(
    screen: Callable[..., AppTest], ruth: accounts.Actor
) -> None:
    passkey_id = add_passkey(ruth)
    page = screen("settings", ruth)
    assert not page.exception
    assert "My \\<b\\>phone\\<\\/b\\>" in page_text(page)
    assert "not used yet" in page_text(page)
    assert "do not remove passkeys" in page_text(page)
    # the password is asked for first, where there is a session
    assert "/account/passkeys/add" not in links(page)
    assert 'href=\\"/account/passkeys/add\\"' in links(press(page, "Add a passkey"))
    page = screen("settings", ruth)
    page = click(page, f"rename_passkey_{passkey_id}")
    field(page, "passkey_rename_name").set_value("  Pocket  phone ")
    page = press(page, "Rename")
    assert passkey_names(ruth) == ["Pocket phone"]
    page = click(page, f"remove_passkey_{passkey_id}")
    assert "will no longer sign in" in page_text(page)
    page = press(page, "Remove")
    assert passkey_names(ruth) == []
    assert page.session_state["passkey_remove_done"] == "The passkey Pocket phone is removed."


def test_an_empty_name_is_refused(screen: Callable[..., AppTest], ruth: accounts.Actor) -> None:
    passkey_id = add_passkey(ruth, "Phone")
    page = click(screen("settings", ruth), f"rename_passkey_{passkey_id}")
    field(page, "passkey_rename_name").set_value(" ")
    page = press(page, "Rename")
    assert "Name the passkey" in str(page.session_state["passkey_rename_refused"])
    assert passkey_names(ruth) == ["Phone"]


def test_where_passkeys_do_not_work_the_screens_say_so(
    screen: Callable[..., AppTest], ruth: accounts.Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8501")
    settings.cache_clear()
    page = screen("settings", ruth)
    assert "opened by a name over https" in page_text(page)
    for view in (page, frame()):
        assert "/passkey" not in links(view)


def test_the_sign_in_form_offers_passkeys(ruth: accounts.Actor) -> None:
    assert 'href=\\"/sign-in/passkey?next=%2F' in links(frame())


def test_an_administrator_sees_the_factors_and_sets_the_rule(
    screen: Callable[..., AppTest], ruth: accounts.Actor, ada: accounts.Actor
) -> None:
    add_passkey(ruth)
    page = screen("people", ada)
    assert "two-factor: 1 passkey" in page_text(page)
    page = press(page, "Two-factor rule")
    field(page, "mfa_rule_roles").set_value(["admin", "finance"])
    page = press(page, "Save")
    assert not page.exception
    with transaction_for_system() as db:
        rule = accounts.current_mfa_policy(db)
    assert (set(rule.since), rule.grace_days) == ({"admin", "finance"}, 7)
    shown_text = page_text(page)
    assert "two-factor authentication is required for: administrator, finance" in shown_text
    assert "no second factor yet" in shown_text
    page = page.menu_button(key=f"more_{ruth.user_id}").click(LOST_PHONE).run()
    assert passkey_names(ruth) == []


def test_a_supervisor_sees_neither(screen: Callable[..., AppTest], ada: accounts.Actor) -> None:
    with transaction_for_system() as db:
        lead = factories.person(db, "supervisor")
    page = screen("people", lead)
    assert not page.exception
    assert "Two-factor rule" not in buttons(page)
    assert "two-factor" not in page_text(page)


@pytest.mark.parametrize("role", ["fundraiser", "admin", "coach"])
def test_only_the_setup_page_is_open_until_the_recovery_codes_are_saved(
    database: URL, role: str
) -> None:
    session_id = enter(role)
    require_mfa(role)
    page = frame(session_id)
    assert not page.exception
    assert page.title[0].value == "Two-factor authentication"
    assert sorted(buttons(page)) == ["Sign out", "Turn on"]
    assert [text_input.label for text_input in page.text_input] == []
    assert "/account/passkeys/add" in links(page)
    page = press(page, "Turn on")
    phone = phone_of(page)
    field(page, "second_factor_on_code").set_value(phone.now())
    page = [button for button in page.button if button.label == "Turn on"][-1].click().run()
    [codes] = [code.value for code in page.code]
    assert len(codes.splitlines()) == 10
    assert page.title[0].value == "Two-factor authentication"
    page = press(page, "I have kept them")
    assert page.title[0].value != "Two-factor authentication"
    assert "Find a donor" in page_text(page)


def test_a_user_with_a_passkey_must_use_it_and_cannot_add_a_factor(database: URL) -> None:
    session_id = enter("fundraiser")
    with transaction_for_system() as db:
        actor = accounts.actor_by_email(db, "ruth@example.org")
    add_passkey(actor)
    require_mfa("fundraiser")
    page = frame(session_id)
    assert page.title[0].value == "Two-factor authentication"
    assert "you signed in with your password alone" in page_text(page)
    assert buttons(page) == ["Sign out"]
    assert "/sign-in/passkey" in links(page)
    assert "/account/passkeys/add" not in links(page)


def test_a_user_with_codes_must_sign_in_again(database: URL) -> None:
    session_id = enter("fundraiser")
    with transaction_for_system() as db:
        actor = accounts.actor_by_email(db, "ruth@example.org")
        now = datetime.now(UTC)
        accounts.begin_mfa_enrolment(db, actor, now=now)
        db.connection().exec_driver_sql("update second_factor set confirmed_at = now()")
    require_mfa("fundraiser")
    press(frame(session_id), "Sign in again")
    with transaction_for_system() as db:
        assert accounts.session_actor(db, session_id=session_id, now=datetime.now(UTC)) is None


def test_in_the_days_of_grace_every_screen_reminds(database: URL) -> None:
    session_id = enter("fundraiser")
    require_mfa("fundraiser", days=5)
    page = frame(session_id)
    assert not page.exception
    assert "your role needs two-factor authentication." in page_text(page)
    assert "Find a donor" in page_text(page)
