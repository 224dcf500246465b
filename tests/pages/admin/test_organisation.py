"""The organisation's settings on the screen: saved, refused with a sentence, tested."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import accounts, mail, organisation_settings
from app.accounts import Actor
from app.db import transaction_for_system
from app.kit.errors import InvalidError
from app.organisation_settings.queries import logo as logo_queries
from app.settings import settings
from tests import factories as make
from tests.pages.conftest import page_text
from tests.smtp_sink import sink


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db, name="Verein Leuchtturm")
        return make.person(db, "admin", name="Ada Lindqvist", email="ada@example.org")


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    return page


def saved() -> accounts.OrganisationFacts:
    with transaction_for_system() as db:
        return accounts.organisation(db)


def test_everything_is_saved_and_shown_again(ada: Actor, screen: Callable[..., AppTest]) -> None:
    page = screen("organisation", ada)
    page.text_input(key="organisation_name").set_value("Haus Leuchtturm")
    page.selectbox(key="organisation_country").set_value("DE")
    page.selectbox(key="organisation_currency").set_value("EUR")
    page.selectbox(key="organisation_zone").set_value("Europe/Berlin")
    page.selectbox(key="organisation_locale").set_value("de_DE")
    page.selectbox(key="organisation_month").set_value(7).run()
    assert "1.234,56" in page_text(page)
    press(page, "Save the organisation")
    page.text_input(key="organisation_sender_name").set_value("Leuchtturm")
    page.text_area(key="organisation_address").set_value("Am Hafen 1\n20457 Hamburg")
    page.text_input(key="organisation_tax_id").set_value("17/420/12345")
    press(page, "Save")
    page.number_input(key="organisation_thank").set_value(72)
    page.number_input(key="organisation_files").set_value(30)
    page.selectbox(key="organisation_channel").set_value("at once")
    page.button[[button.label for button in page.button].index("Save")].click().run()
    facts = saved()
    assert (facts.name, facts.country, facts.currency) == ("Haus Leuchtturm", "DE", "EUR")
    assert (facts.time_zone, facts.locale, facts.fiscal_start_month) == (
        "Europe/Berlin",
        "de_DE",
        7,
    )
    assert not page.exception
    assert not page.error


def save_letters(page: AppTest) -> None:
    """Press the second button of this name: the first saves deadlines and alerts."""
    [_, button] = [button for button in page.button if button.label == "Save"]
    button.click().run()


def test_of_two_administrators_the_second_is_told_and_nothing_is_lost(
    ada: Actor, screen: Callable[..., AppTest]
) -> None:
    page = screen("organisation", ada)
    page.text_input(key="organisation_tax_id").set_value("mine")
    with transaction_for_system() as db:
        accounts.save_organisation(db, ada, name="Renamed", tax_id="theirs")
    save_letters(page)
    assert "Somebody else changed the organisation" in page_text(page).replace("\\", "")
    assert (saved().name, saved().tax_id) == ("Renamed", "theirs")
    page.text_input(key="organisation_tax_id").set_value("both agree")
    save_letters(page)
    assert (saved().name, saved().tax_id) == ("Renamed", "both agree")
    # a change of one's own is no change by somebody else
    page.text_input(key="organisation_name").set_value("Again")
    press(page, "Save the organisation")
    assert saved().name == "Again"


def test_an_empty_name_is_refused(ada: Actor, screen: Callable[..., AppTest]) -> None:
    page = screen("organisation", ada)
    page.text_input(key="organisation_name").set_value("  ")
    press(page, "Save the organisation")
    assert "needs a name" in page_text(page)
    assert saved().name == "Verein Leuchtturm"


def test_the_currency_stays_once_gifts_are_recorded(
    ada: Actor, screen: Callable[..., AppTest]
) -> None:
    with transaction_for_system() as db:
        make.gift(db, make.donor(db, ada))
    page = screen("organisation", ada)
    assert page.selectbox(key="organisation_currency").disabled
    assert "The currency stays" in page_text(page)


def fill_mail_server(page: AppTest, port: int) -> None:
    for name, value in {"host": "127.0.0.1", "sender": "office@example.org"}.items():
        page.text_input(key=f"mail_server_{name}").set_value(value)
    page.number_input(key="mail_server_port").set_value(port)
    page.toggle(key="mail_server_tls").set_value(False)


def test_a_mail_server_is_tried_and_saved(ada: Actor, screen: Callable[..., AppTest]) -> None:
    with sink() as server:
        page = screen("organisation", ada)
        assert "reach nobody" in page.warning[0].value
        fill_mail_server(page, server.port)
        press(page, "Send me a test message")
        assert "on its way" in page.success[0].value
        assert [message["To"] for message in server.messages] == ["ada@example.org"]
        with transaction_for_system() as db:
            assert mail.saved_server(db) is None, "trying it saves nothing"
        fill_mail_server(page, server.port)
        press(page, "Save the mail server")
    with transaction_for_system() as db:
        route = organisation_settings.mail_route(db, ada)
    assert route.server is not None
    assert route.server.port == server.port
    page = press(screen("organisation", ada), "Remove the mail server")
    with transaction_for_system() as db:
        assert mail.saved_server(db) is None


def test_a_server_that_does_not_answer_is_named(
    ada: Actor, screen: Callable[..., AppTest]
) -> None:
    page = screen("organisation", ada)
    fill_mail_server(page, 1)
    press(page, "Send me a test message")
    assert "mail server cannot be used" in page.error[0].value


def test_the_environment_is_named_where_it_chooses(
    ada: Actor, screen: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    settings.cache_clear()
    page = screen("organisation", ada)
    assert "EMAIL_BACKEND" in page_text(page)
    assert "Save the mail server" not in [button.label for button in page.button]


def test_a_module_is_switched_on_and_off(ada: Actor, screen: Callable[..., AppTest]) -> None:
    page = screen("organisation", ada)
    page.toggle(key="organisation_module_requests").set_value(True)
    press(page, "Save the modules")
    assert saved().modules == ("requests",)
    page = screen("organisation", ada)
    assert page.toggle(key="organisation_module_requests").value
    page.toggle(key="organisation_module_requests").set_value(False)
    press(page, "Save the modules")
    assert saved().modules == ()
    assert not page.exception


def test_a_logo_that_is_a_thin_line_leaves_the_page_usable(
    ada: Actor, screen: Callable[..., AppTest]
) -> None:
    line = io.BytesIO()
    Image.new("RGB", (800, 1), "teal").save(line, "PNG")
    with transaction_for_system() as db:
        logo_queries.set_logo(db, line.getvalue())
    page = screen("organisation", ada)
    assert not page.exception
    page = press(page, "Remove the logo")
    assert not page.exception
    with transaction_for_system() as db:
        assert organisation_settings.logo(db) is None


def test_a_refusal_does_not_look_like_success(
    ada: Actor, screen: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        msg = "The picture is refused."
        raise InvalidError(msg)

    monkeypatch.setattr(organisation_settings, "remove_logo", refuse)
    dot = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(dot, "PNG")
    with transaction_for_system() as db:
        organisation_settings.save_logo(db, ada, dot.getvalue())
    (toast,) = press(screen("organisation", ada), "Remove the logo").toast
    assert "The picture is refused" in toast.value
    assert toast.icon == ":material/error:"
