"""The dialog “Please confirm it is you”: form values are kept, and the action continues."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import accounts
from app.db import transaction_for_system
from app.ui.people.list import LOST_PHONE
from tests import factories
from tests.pages.conftest import field, page_text, press
from tests.values import present

PASSWORD = "violet ladder seven oceans"
ASKED = "You are not asked again"


@pytest.fixture
def ada(database: URL) -> accounts.Actor:
    """An administrator inside a session that began an hour ago."""
    signed_in_at = datetime.now(UTC) - timedelta(hours=1)
    with transaction_for_system() as db:
        factories.organisation(db)
        user_id = accounts.create_user(
            db,
            accounts.SYSTEM,
            email="ada@example.org",
            name="Ada",
            role="admin",
            password=PASSWORD,
        )
        session_id, _ = accounts.open_session(db, user_id=user_id, now=signed_in_at)
        return present(accounts.session_actor(db, session_id=session_id, now=signed_in_at))


def scalar(sql: str, **values: object) -> object:
    with transaction_for_system() as db:
        return db.execute(text(sql), values).scalar()


def confirm(page: AppTest, secret: str = PASSWORD) -> AppTest:
    field(page, "confirm_secret").set_value(secret)
    return press(page, "Confirm")


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_a_token_is_created_with_the_entered_values(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = press(screen("settings", ada), "New token")
    field(page, "new_token_name").set_value("My sheet")
    field(page, "new_token_scopes").set_value([accounts.Scope.READ, accounts.Scope.EXPORT])
    page = press(page, "Make token").run()
    assert ASKED in page_text(page)
    assert scalar("select count(*) from api_token") == 0
    page = confirm(page, "wrong")
    assert "This is not right" in page_text(page)
    page = confirm(page)
    assert not page.exception
    assert ASKED not in page_text(page)
    assert scalar("select name || ':' || scopes::text from api_token") == "My sheet:{export,read}"
    [token] = [code.value for code in page.code]
    assert token.startswith("dcrm_")
    # for ten minutes nothing is asked
    page = press(page, "Make an address")
    assert scalar("select count(*) from api_token") == 2


def test_wrong_passwords_are_counted_on_the_screen(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = press(screen("settings", ada), "Make an address")
    for _ in range(5):
        page = confirm(page, "wrong").run()
    page = confirm(page)
    assert "This is not right" in page_text(page)
    assert scalar("select count(*) from api_token") == 0


def test_an_action_of_one_click_continues(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
        now = datetime.now(UTC)
        begun = accounts.begin_mfa_enrolment(db, ruth, now=now)
        code = pyotp.TOTP(begun.secret).at(now)
        accounts.confirm_mfa_enrolment(db, ruth, code=code, now=now)
    page = screen("people", ada)
    page = page.menu_button(key=f"more_{ruth.user_id}").click(LOST_PHONE).run()
    assert ASKED in page_text(page)
    assert scalar("select count(*) from second_factor") == 1
    page = confirm(page)
    assert scalar("select count(*) from second_factor") == 0
    assert not page.exception


def test_an_administrator_is_invited_with_the_entered_values(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = press(screen("people", ada), "Add a person")
    field(page, "new_person_name").set_value("Sam")
    field(page, "new_person_email").set_value("sam@example.org")
    field(page, "new_person_role").set_value("admin")
    page = press(page, "Add person").run()
    assert scalar("select count(*) from app_user where name = 'Sam'") == 0
    page = confirm(page)
    assert not page.exception
    assert scalar("select role from app_user where name = 'Sam'") == "admin"
    assert "Sam gets a mail" in page_text(page)


def test_a_role_is_changed(screen: Callable[..., AppTest], ada: accounts.Actor) -> None:
    with transaction_for_system() as db:
        ruth = factories.person(db, name="Ruth")
    page = screen("people", ada)
    [change] = [button for button in page.button if button.key == f"change_{ruth.user_id}"]
    page = change.click().run()
    field(page, "change_person_role").set_value("finance")
    page = press(page, "Save").run()
    assert scalar("select role from app_user where name = 'Ruth'") == "fundraiser"
    page = confirm(page)
    assert scalar("select role from app_user where name = 'Ruth'") == "finance"


def test_a_donor_is_erased(screen: Callable[..., AppTest], ada: accounts.Actor) -> None:
    with transaction_for_system() as db:
        donor_id = factories.donor(db, None, name="Mara Vogel")
    page = press(screen("donor", ada, id=str(donor_id)), "Erase this person")
    field(page, "erase_donor_name").set_value("Mara Vogel")
    page = press(page, "Erase for good").run()
    assert scalar("select erased_at from donor") is None
    page = confirm(page)
    assert scalar("select erased_at from donor") is not None
    assert "The person is erased" in page_text(page)


def test_a_second_factor_is_added_after_the_password(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    page = press(screen("settings", ada), "Turn on")
    assert ASKED in page_text(page)
    assert page.code == []
    assert scalar("select count(*) from second_factor") == 0
    page = confirm(page)
    assert not page.exception
    assert scalar("select count(*) from second_factor") == 1
    secret = next(code.value for code in page.code if len(code.value) == 32)
    field(page, "second_factor_on_code").set_value(pyotp.TOTP(secret).now())
    page = [button for button in page.button if button.label == "Turn on"][-1].click().run()
    assert scalar("select count(*) from second_factor where confirmed_at is not null") == 1


def test_the_second_factor_is_turned_off(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        now = datetime.now(UTC)
        begun = accounts.begin_mfa_enrolment(db, replace(ada, session_id=None), now=now)
        code = pyotp.TOTP(begun.secret).at(now)
        accounts.confirm_mfa_enrolment(db, ada, code=code, now=now)
    page = press(screen("settings", ada), "Turn off")
    page = [button for button in page.button if button.label == "Turn off"][-1].click().run().run()
    assert "or a code of your app" in field(page, "confirm_secret").label
    page = confirm(page)
    assert scalar("select count(*) from second_factor") == 0
    assert "The second factor is off" in page_text(page)


def test_a_new_password_takes_the_old_one_and_counts_wrong_ones(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    new = "orbit candle meadow thirty"

    def change(page: AppTest, old: str) -> AppTest:
        for name, value in {"old": old, "new": new, "again": new}.items():
            field(page, f"password_{name}").set_value(value)
        return press(page, "Change password")

    page = change(screen("settings", ada), "wrong")
    assert "The current password is not right" in page_text(page)
    for _ in range(4):
        page = change(page, "wrong")
    assert scalar("select max(failed) from sign_in_try where key like 'session:%'") == 5
    page = change(page, PASSWORD)
    assert "The current password is not right" in page_text(page)
    with transaction_for_system() as db:
        db.execute(text("delete from sign_in_try"))
    page = change(page, PASSWORD)
    assert "Your new password is set" in page_text(page)


def test_a_user_of_a_provider_gets_instructions(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    with transaction_for_system() as db:
        db.execute(text("update app_user set password_hash = null"))
    page = press(screen("settings", ada), "Make an address")
    assert "Sign out, sign in again" in page_text(page)
    assert "Confirm" not in labels(page)


def test_a_file_of_everything_is_offered_after_the_password(
    screen: Callable[..., AppTest], ada: accounts.Actor
) -> None:
    path = "donors.csv?query=a"
    page = screen("export", ada, file=path)
    assert "names most of the donors" in page_text(page)
    links = [link.proto.url for link in page.get("link_button")]
    assert f"/api/v1/files/{path}" not in links
    page = confirm(press(page, "Confirm it is you").run())
    assert not page.exception
    assert "The file is ready to download" in page_text(page)
    assert f"/api/v1/files/{path}" in [link.proto.url for link in page.get("link_button")]


@pytest.mark.parametrize("path", ["//example.org/donors.csv", "../me", "donors.csv/../../x", ""])
def test_only_a_file_of_ours_is_offered(
    screen: Callable[..., AppTest], ada: accounts.Actor, path: str
) -> None:
    page = screen("export", ada, file=path)
    assert "names most of the donors" not in page_text(page)
