"""The frame: every page registered for everybody, the menu by role, one boundary."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import accounts
from app.accounts import Actor, Role
from app.db import transaction_for_system
from app.ui.base.screens import ADMINS, PAGES_FOLDER, SCREENS, part_of
from app.ui.help.guide import read
from tests import database as run
from tests import factories
from tests.pages.conftest import PATIENCE, page_text

MAIN = Path(__file__).parents[2] / "app" / "main.py"
ROLES = sorted(set(Role) - {Role.SYSTEM})
GOOD = "violet ladder seven oceans"


@pytest.fixture(autouse=True)
def _no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request without cookies, as of a browser that comes for the first time."""
    context = type(st.context)
    monkeypatch.setattr(context, "cookies", {})
    monkeypatch.setattr(context, "headers", {"User-Agent": "Test"})
    monkeypatch.setattr(context, "ip_address", "192.0.2.1")


def frame(session_id: str | None = None) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    if session_id:
        page.session_state["session_id"] = session_id
    return page.run()


def enter(role: str) -> str:
    with transaction_for_system() as db:
        factories.organisation(db, modules=["requests"])
        ada = factories.person(db, "admin")
        user_id = accounts.create_user(
            db, ada, email="ruth@example.org", name="Ruth", role=role, password=GOOD
        )
        return accounts.open_session(db, user_id=user_id, now=datetime.now(UTC))[0]


def end(session_id: str) -> None:
    with transaction_for_system() as db:
        accounts.end_session(db, session_id=session_id, now=datetime.now(UTC))


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_every_page_file_is_in_the_registry_and_every_entry_has_a_file() -> None:
    files = {path.stem for path in PAGES_FOLDER.rglob("*.py")} - {"__init__"}
    assert files == {screen.file for screen in SCREENS}
    assert all(screen.path.is_file() for screen in SCREENS)


def test_addresses_and_titles_are_each_ones_own() -> None:
    assert len({screen.url_path for screen in SCREENS}) == len(SCREENS)
    assert len({screen.title for screen in SCREENS}) == len(SCREENS)
    assert "reset" not in {screen.url_path for screen in SCREENS}


def test_the_admin_section_is_only_for_administrators() -> None:
    theirs = {entry.title: entry.roles for entry in SCREENS if entry.section == "Admin"}
    # finance reads these too
    for title in ("Audit log", "Funds and campaigns", "Tags and fields"):
        assert theirs.pop(title) == ADMINS | {Role.FINANCE}
    # a supervisor sees and invites the own team
    assert theirs.pop("People") == ADMINS | {Role.SUPERVISOR}
    assert set(theirs.values()) == {ADMINS}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_the_frame(database: URL, role: Role) -> None:
    page = frame(enter(role))
    assert not page.exception
    assert not page.error
    assert "Sign out" in buttons(page)
    assert f"Ruth · {role.replace('_', ' ')}" in page_text(page)


@pytest.mark.parametrize("role", ROLES)
def test_the_question_mark_of_every_page_leads_to_its_part(database: URL, role: Role) -> None:
    session_id = enter(role)
    page = frame(session_id)
    assert help_links(page) == ["part=today"]
    for screen in (screen for screen in SCREENS if role in screen.roles):
        page.switch_page(str(screen.path)).run()
        assert not page.exception
        assert help_links(page) == [f"part={part_of(screen)}"]
        assert read(part_of(screen)).title


@pytest.mark.parametrize(
    ("address", "part"), [("donors", "donors"), ("jobs", "help"), ("reset", "help")]
)
def test_a_page_of_another_role_leads_to_the_part_of_all(address: str, part: str) -> None:
    def drawn(role: str, address: str) -> None:
        from app.accounts import Actor, Role  # noqa: PLC0415 - a script of its own
        from app.ui.help import link  # noqa: PLC0415

        link.show(Actor(1, Role(role), "Ruth"), address)

    page = AppTest.from_function(drawn, args=("fundraiser", address)).run()
    assert [link.proto.query_string for link in page.get("page_link")] == [f"part={part}"]


def help_links(page: AppTest) -> list[str]:
    """Return what the links named Help at the top of the page lead to."""
    links = [link.proto for link in page.get("page_link")]
    return [link.query_string for link in links if link.label == "Help" and link.page == "help"]


def test_without_a_session_there_is_the_form_and_no_menu(database: URL) -> None:
    page = frame()
    assert not page.exception
    assert page.title[0].value == "Welcome to DonorCRM"
    assert buttons(page) == ["Start my organisation", "Show the demonstration"]
    assert not help_links(page)


def test_wrong_password_and_then_the_right_one(database: URL) -> None:
    enter("fundraiser")
    page = frame()
    assert "Start my organisation" not in buttons(page)
    page.text_input[0].set_value("Ruth@Example.org")
    page.text_input[1].set_value("something else entirely")
    page.button[0].click().run()
    assert "E-mail or password is not right" in page_text(page)
    page.text_input[0].set_value("Ruth@Example.org")
    page.text_input[1].set_value(GOOD)
    page.button[0].click().run()
    assert page.session_state["session_id"]


def attempt(email: str, password: str) -> str:
    page = frame()
    page.text_input[0].set_value(email)
    page.text_input[1].set_value(password)
    page.button[0].click().run()
    assert not page.exception
    return page_text(page)


def test_unknown_address_wrong_password_and_too_many_tries_give_one_message(database: URL) -> None:
    enter("fundraiser")
    wrong = attempt("ruth@example.org", "something else entirely")
    assert attempt("nobody@example.org", "something else entirely") == wrong
    for _ in range(5):
        assert attempt("ruth@example.org", "something else entirely") == wrong
    assert attempt("ruth@example.org", GOOD) == wrong


@pytest.mark.parametrize("email", ["ruth@example.org", "nobody@example.org"])
def test_a_reset_request_gives_one_message(database: URL, email: str) -> None:
    enter("fundraiser")
    page = frame()
    next(
        text_input for text_input in page.text_input if text_input.key == "forgotten_email"
    ).set_value(email)
    next(button for button in page.button if button.label == "Send me a link").click().run()
    assert "If there is an account with this e-mail, a link is on its way" in page_text(page)
    assert not page.exception
    # the answer stays when the page runs once more while it opens
    assert "a link is on its way" in page_text(page.run())


def test_an_ended_session_is_over_at_the_next_rerun(database: URL) -> None:
    session_id = enter("fundraiser")
    page = frame(session_id)
    end(session_id)
    page.run()
    assert page.title[0].value == "Welcome to DonorCRM"
    assert "You were signed out" in page_text(page)
    assert "actor" not in page.session_state


def test_without_a_database_there_is_a_sentence_and_a_reference(
    database: URL, caplog: pytest.LogCaptureFixture
) -> None:
    session_id = enter("fundraiser")
    run.use(run.NOWHERE)
    page = frame(session_id)
    assert "The database cannot be reached right now" in page_text(page)
    assert "Reference" in page_text(page)
    assert not page.exception
    assert "screen failed" in caplog.text
    assert "ruth" not in caplog.text.lower()


def look_as(role: str) -> tuple[AppTest, str]:
    """Sign in as an administrator and look at the app as somebody else by the dialog."""
    session_id = enter("admin")
    with transaction_for_system() as db:
        factories.person(db, role, name="Sam <b>Bold</b>")
    page = frame(session_id)
    next(button for button in page.button if button.label == "View as").click().run()
    next(button for button in page.button if button.label == "Look").click().run()
    return page.run(), session_id


def test_view_as_has_a_banner_is_read_only_and_ends(database: URL) -> None:
    page, session_id = look_as("fundraiser")
    assert not page.exception
    assert "You are viewing as **Sam \\<b\\>Bold\\<\\/b\\>** (fundraiser)" in page_text(page)
    assert page.session_state["actor"].looking
    assert "View as" not in buttons(page)
    fresh = frame(session_id)
    assert "You are viewing as" in page_text(fresh), "another tab impersonates too"
    next(button for button in fresh.button if button.label == "End View as").click().run()
    assert "You are viewing as" not in page_text(fresh)
    assert fresh.session_state["actor"].name == "Ruth"
    page.session_state["donor_list_filters"] = "half typed"
    page.run()
    assert "You are viewing as" not in page_text(page)
    assert "donor_list_filters" not in page.session_state


def test_users_without_a_team_have_no_view_as(database: URL) -> None:
    page = frame(enter("fundraiser"))
    assert "View as" not in buttons(page)


@pytest.mark.parametrize("role", ROLES)
def test_screens_that_change_data_are_closed_during_impersonation(role: Role) -> None:
    viewer = Actor(2, Role(role), "Sam", viewer_id=1, modules=frozenset({"requests"}))
    for screen in SCREENS:
        is_own = screen.file in {"import_file", "export", "people", "organisation", "settings"}
        assert screen.open_to(viewer) == (role in screen.roles and not is_own)


def test_a_screen_of_a_module_is_closed_while_the_module_is_off() -> None:
    requests = next(screen for screen in SCREENS if screen.file == "requests")
    assert requests.open_to(Actor(2, Role.ADMIN, "Ada", modules=frozenset({"requests"})))
    assert not requests.open_to(Actor(2, Role.ADMIN, "Ada"))
