"""The first run in the browser: the choice, the set-up form, and the demonstration's frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import accounts, demo, demonstration_mode, mail, organisation_settings
from app.db import transaction_for_system
from app.db.session import demonstration_url, dispose
from app.settings import settings
from tests import database as run
from tests.pages.conftest import PATIENCE, page_text
from tests.smtp_sink import Door, sink

MAIN = Path(__file__).parents[3] / "app" / "main.py"
PASSWORD = "sieben ruhige Boote im Hafen"


@pytest.fixture(autouse=True)
def _german_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    context = type(st.context)
    for name, value in {
        "cookies": {},
        "headers": {"User-Agent": "Test"},
        "ip_address": "192.0.2.1",
        "locale": "de-DE",
        "timezone": "Europe/Berlin",
    }.items():
        monkeypatch.setattr(context, name, value)


def frame(**query: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=PATIENCE)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    return page


def fill(page: AppTest, **values: str) -> None:
    for key, value in values.items():
        page.text_input(key=f"own_{key}").set_value(value)


def test_an_organisation_is_started_with_what_is_usual_in_the_country(database: URL) -> None:
    page = press(frame(), "Start my organisation")
    chosen = {box.label: box.value for box in page.selectbox}
    assert chosen == {
        "Country": "DE",
        "Currency": "EUR",
        "Time zone": "Europe/Berlin",
        "Fiscal year begins in": 1,
        "Numbers and dates": "de_DE",
    }
    assert "1.234,56" in page_text(page)
    fill(
        page,
        code=organisation_settings.setup_code(),
        name="Verein Leuchtturm",
        person="Anja Brandt",
        email="anja@leuchtturm.example",
        new=PASSWORD,
        again=PASSWORD,
    )
    page.selectbox(key="own_DE_month").set_value(7)
    press(page, "Create my organisation")
    assert not page.error
    assert page.session_state["session_id"]
    with transaction_for_system() as db:
        saved = accounts.organisation(db)
        anja = accounts.actor_by_email(db, "anja@leuchtturm.example")
        reached = accounts.profile(db, anja).last_sign_in_at
    assert (saved.name, saved.currency, saved.locale) == ("Verein Leuchtturm", "EUR", "de_DE")
    assert (saved.fiscal_start_month, saved.time_zone) == (7, "Europe/Berlin")
    assert saved.country == "DE"
    assert anja.name == "Anja Brandt"
    assert reached, "mails go to whoever has signed in"


def fill_mail(page: AppTest, port: int, password: str) -> None:
    for name, value in {
        "mail_host": "127.0.0.1",
        "mail_user": "post",
        "mail_password": password,
        "mail_sender": "office@leuchtturm.example",
    }.items():
        page.text_input(key=f"own_{name}").set_value(value)
    page.number_input(key="own_mail_port").set_value(port)
    page.toggle(key="own_mail_tls").set_value(False)


def test_a_mail_server_is_tried_before_the_organisation_is_created(database: URL) -> None:
    page = press(frame(), "Start my organisation")
    answers = {
        "name": "Verein Leuchtturm",
        "person": "Anja Brandt",
        "email": "anja@leuchtturm.example",
        "new": PASSWORD,
        "again": PASSWORD,
    }
    with sink(authenticator=Door(), auth_require_tls=False) as server:
        fill(page, code="AAAA-BBBB-CCCC", **answers)
        fill_mail(page, server.port, "quiet harbour")
        press(page, "Send a test message")
        assert "not the set-up code" in page.error[0].value.replace("\\", "")
        fill(page, code=organisation_settings.setup_code())
        fill_mail(page, server.port, "a wrong password")
        press(page, "Send a test message")
        assert "535" in page.error[0].value
        assert server.messages == []
        # nothing that was typed is lost
        assert {page.text_input(key=f"own_{name}").value for name in answers} == set(
            answers.values()
        )
        assert page.text_input(key="own_mail_password").value == "a wrong password"
        page.text_input(key="own_mail_password").set_value("quiet harbour")
        press(page, "Send a test message")
        assert not page.error
        assert [message["To"] for message in server.messages] == [answers["email"]]
        with transaction_for_system() as db:
            assert mail.saved_server(db) is None, "trying it saves nothing"
        press(page, "Create my organisation")
    assert not page.error
    with transaction_for_system() as db:
        saved = mail.saved_server(db)
    assert saved is not None
    assert (saved.port, saved.username, saved.password) == (server.port, "post", "quiet harbour")


def test_without_a_mail_server_mail_comes_later(database: URL) -> None:
    page = press(frame(), "Start my organisation")
    server = next(box for box in page.expander if box.label == "My own mail server")
    assert not server.proto.expanded
    assert "reach nobody" in page_text(page)


def test_half_a_mail_server_is_no_answer(database: URL) -> None:
    page = press(frame(), "Start my organisation")
    fill(page, code=organisation_settings.setup_code(), name="Verein Leuchtturm")
    fill(page, person="Anja Brandt", email="anja@leuchtturm.example", new=PASSWORD, again=PASSWORD)
    fill(page, mail_sender="office@leuchtturm.example")
    press(page, "Create my organisation")
    assert "Name the mail server" in page.error[0].value
    with transaction_for_system() as db:
        assert accounts.has_no_users(db)


def test_every_field_with_hidden_text_is_in_a_form(database: URL) -> None:
    page = press(frame(), "Start my organisation")
    hidden = [field for field in page.text_input if field.proto.type == field.proto.PASSWORD]
    assert len(hidden) == 3
    assert all(field.proto.form_id for field in hidden)


def test_another_country_suggests_other_settings(database: URL) -> None:
    page = press(frame(), "Start my organisation")
    page.selectbox(key="own_country").set_value("US").run()
    chosen = {box.label: box.value for box in page.selectbox}
    assert (chosen["Currency"], chosen["Numbers and dates"]) == ("USD", "en_US")
    assert chosen["Time zone"] is None, "of many zones none is guessed"


def test_the_link_from_the_console_opens_the_form_with_its_code(database: URL) -> None:
    page = frame(setup_code=organisation_settings.setup_code())
    assert page.title[0].value == "Your organisation"
    assert page.text_input(key="own_code").value == organisation_settings.setup_code()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"code": "AAAA-BBBB-CCCC"}, "not the set-up code"),
        ({"again": "another password altogether"}, "two passwords differ"),
        ({"name": ""}, "needs a name"),
        ({"country": "US"}, "Choose a time zone."),
        ({"email": "anja"}, "not an e-mail address"),
        ({"new": "hafen", "again": "hafen"}, "12 to 128 characters"),
    ],
)
def test_a_wrong_answer_is_said_and_everything_typed_stays(
    database: URL, values: dict[str, str], sentence: str
) -> None:
    page = press(frame(), "Start my organisation")
    answers = {
        "code": organisation_settings.setup_code(),
        "name": "Verein Leuchtturm",
        "person": "Anja Brandt",
        "email": "anja@leuchtturm.example",
        "new": PASSWORD,
        "again": PASSWORD,
    } | values
    if country := answers.pop("country", None):
        page.selectbox(key="own_country").set_value(country).run()
    fill(page, **answers)
    press(page, "Create my organisation")
    assert sentence in page.error[0].value.replace("\\", "")
    assert {key: page.text_input(key=f"own_{key}").value for key in answers} == answers
    with transaction_for_system() as db:
        assert accounts.has_no_users(db)


def test_back_returns_to_the_choice(database: URL) -> None:
    page = press(press(frame(), "Start my organisation"), "Back")
    assert [button.label for button in page.button] == [
        "Start my organisation",
        "Show the demonstration",
    ]


def test_on_a_server_the_demonstration_needs_the_code_too(
    database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://crm.example.org")
    settings.cache_clear()
    page = frame()
    press(page, "Show the demonstration")
    assert "not the set-up code" in page.error[0].value.replace("\\", "")
    assert not demonstration_mode.is_on(settings().data_dir)


@pytest.fixture
def demonstration(database: URL) -> Iterator[None]:
    """The demonstration is shown; its database is dropped afterwards."""
    demo.enter()
    dispose()
    yield
    dispose()
    run.admin(f'drop database if exists "{demonstration_url(database).database}" with (force)')


def test_the_demonstration_offers_its_people_and_the_way_out(demonstration: None) -> None:
    page = frame()
    labels = [button.label for button in page.button]
    assert "Ruth Adeyemi · fundraiser" in labels
    assert "Start my organisation" in labels
    press(page, "Ada Lindqvist · admin")
    assert not page.error
    assert page.session_state["session_id"]
    page = press(page.run(), "Start my organisation")
    assert not page.exception
    dispose()
    settings.cache_clear()
    assert not demonstration_mode.is_on(settings().data_dir)
    with transaction_for_system() as db:
        assert accounts.has_no_users(db), "the organisation's own database is empty"
