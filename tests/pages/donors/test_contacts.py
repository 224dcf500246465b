"""Panel of a donor's e-mails, phones and addresses."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import donors
from app.accounts import Actor
from app.db.session import transaction_for_system
from app.ui.donors import contact_labels
from tests import factories as make
from tests.pages.conftest import page_text, press


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


@pytest.fixture
def tom(ruth: Actor) -> int:
    with transaction_for_system() as db:
        return make.donor(db, ruth, "Tom", email="tom@example.org")


def contact(actor: Actor, donor_id: int) -> donors.ContactDetails:
    with transaction_for_system() as db:
        return donors.get(db, actor, donor_id, today=date(2026, 1, 1)).contact


def test_nothing_yet(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        empty = make.donor(db, ruth, "Nobody")
    page = screen("donor", ruth, id=str(empty))
    assert "No e-mail, phone or address yet." in page_text(page)


def test_add_a_second_email(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Add e-mail")
    page.text_input(key="contact_detail_value").input("nonsense")
    page = press(press(page, "Add"), "Add e-mail")
    assert "“nonsense” is not an e-mail address." in page_text(page).replace("\\", "")
    page.text_input(key="contact_detail_value").input("tom@work.example")
    page.selectbox(key="contact_detail_type").select("work")
    page.checkbox(key="contact_detail_do_not_use").check()
    page = press(page, "Add")
    assert not page.exception
    assert "tom@work.example :gray[(work, do not use)]" in page_text(page).replace("\\", "")
    assert [str(email) for email in contact(ruth, tom).emails] == [
        "tom@example.org",
        "tom@work.example",
    ]


def test_a_seasonal_address(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Add address")
    page.text_input(key="contact_detail_city").input("Naples")
    page.selectbox(key="contact_detail_type").select("seasonal")
    page = press(press(page, "Add"), "Add address")
    assert "A seasonal address needs the first and the last day" in page_text(page)
    page.text_input(key="contact_detail_city").input("Naples")
    page.selectbox(key="contact_detail_type").select("seasonal")
    page.selectbox(key="contact_detail_season_from_month").select("November")
    page.selectbox(key="contact_detail_season_to_month").select("March")
    page.number_input(key="contact_detail_season_to_day").set_value(31)
    page = press(page, "Add")
    address = contact(ruth, tom).addresses[0]
    assert (address.season_from, address.season_to, address.is_primary) == ("11-01", "03-31", True)
    assert "Naples :gray[(seasonal, 1 November – 31 March" in page_text(page).replace("\\", "")


def test_change_remove_and_undo(screen: Callable[..., AppTest], ruth: Actor, tom: int) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Add phone")
    page.text_input(key="contact_detail_value").input("555 0100")
    press(page, "Add")
    page = press(screen("donor", ruth, id=str(tom)), "Change")
    page.text_input(key="contact_detail_value").input("tom@new.example")
    press(page, "Save")
    assert [str(email) for email in contact(ruth, tom).emails] == ["tom@new.example"]
    page = press(press(screen("donor", ruth, id=str(tom)), "Change"), "Remove")
    assert contact(ruth, tom).emails == ()
    undo = next(button for button in page.button if button.label.startswith("Undo: "))
    page = undo.click().run()
    assert [str(email) for email in contact(ruth, tom).emails] == ["tom@new.example"]
    assert contact(ruth, tom).emails[0].is_primary
    assert not [button for button in page.button if "Undo" in button.label]


def test_a_reader_has_no_panel(screen: Callable[..., AppTest], tom: int) -> None:
    with transaction_for_system() as db:
        reader = make.person(db, "read_only")
    page = screen("donor", reader, id=str(tom))
    assert "tom@example.org" in page_text(page).replace("\\", "")
    assert "Add e-mail" not in [button.label for button in page.button]


def test_labels(ruth: Actor, tom: int) -> None:
    with transaction_for_system() as db:
        view = donors.get(db, ruth, tom, today=date(2026, 1, 1))
    address = donors.AddressDetail(
        donors.Address(city="Hull"), valid_from=date(2026, 2, 1), valid_to=date(2026, 5, 31)
    )
    line = contact_labels.line(view, address, today=date(2026, 1, 1))
    plain = line.replace("\\", "")
    assert plain.endswith("Hull :gray[(from 1 Feb, until 31 May, not valid yet)]")


def test_the_preferences_of_the_form(
    screen: Callable[..., AppTest], ruth: Actor, tom: int
) -> None:
    page = press(screen("donor", ruth, id=str(tom)), "Edit")
    page.checkbox(key="edit_donor_deceased").check()
    page.date_input(key="edit_donor_deceased_on").set_value(date(2026, 1, 2))
    page.selectbox(key="edit_donor_preferred_language").select("de")
    page.selectbox(key="edit_donor_preferred_channel").select("mail")
    page = press(page, "Save")
    shown = page_text(page)
    assert "Prefers German · Best reached by letter" in shown
    assert "Died on" in shown
    with transaction_for_system() as db:
        fields = donors.get(db, ruth, tom, today=date(2026, 1, 3)).fields
    assert (fields.deceased_on, fields.preferred_language, fields.preferred_channel) == (
        date(2026, 1, 2),
        "de",
        "mail",
    )
