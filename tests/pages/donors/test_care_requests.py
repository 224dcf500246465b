"""Prayer and care requests on a donor's page and on the page Requests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import page_text, press

TEXT = "The *operation*"


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db, modules=["requests"])
        return replace(make.person(db, name="Ruth"), modules=frozenset({"requests"}))


@pytest.fixture
def mara(ruth: Actor) -> int:
    with transaction_for_system() as db:
        return make.donor(db, ruth, "Mara Vogel")


def request(donor_id: int, words: str = TEXT, **values: object) -> int:
    with transaction_for_system() as db:
        return make.care_request(db, donor_id, words, **values)


def rows() -> list[tuple[str, date | None, str | None]]:
    statement = text("select text, answered_on, answer from care_request order by id")
    with transaction_for_system() as db:
        return [tuple(row) for row in db.execute(statement)]


def test_a_request_is_noted_on_the_donors_page(
    screen: Callable[..., AppTest], ruth: Actor, mara: int
) -> None:
    page = press(screen("donor", ruth, id=str(mara)), "Add request")
    press(page, "Note it")
    assert "needs a few words" in page_text(press(page, "Add request"))
    page.text_area(key="request_add_text").set_value(TEXT)
    press(page, "Note it")
    assert rows() == [(TEXT, None, None)]
    shown = page_text(screen("donor", ruth, id=str(mara)))
    assert r"The \*operation\*" in shown
    assert "Request" in shown


def test_a_request_is_answered_and_opened_again(
    screen: Callable[..., AppTest], ruth: Actor, mara: int
) -> None:
    request(mara)
    page = press(screen("requests", ruth), "Answered")
    page.text_area(key="request_answer_how").set_value("It went well.")
    press(page, "Save")
    [(_, answered_on, answer)] = rows()
    assert answered_on is not None
    assert answer == "It went well."
    assert "No open requests" in page_text(screen("requests", ruth))

    page = screen("requests", ruth, state="answered")
    assert "It went well" in page_text(page)
    press(page, "Reopen")
    assert rows() == [(TEXT, None, None)]


def test_a_request_is_edited_and_deleted(
    screen: Callable[..., AppTest], ruth: Actor, mara: int
) -> None:
    request(mara)
    page = press(screen("requests", ruth), "Edit")
    page.text_area(key="request_edit_text").set_value("Rest")
    press(page, "Save")
    assert rows() == [("Rest", None, None)]
    page = press(screen("requests", ruth), "Edit")
    press(page, "Delete the request")
    assert rows() == []


def test_the_list_to_print_is_by_donor_without_buttons(
    screen: Callable[..., AppTest], ruth: Actor, mara: int
) -> None:
    with transaction_for_system() as db:
        ben = make.donor(db, ruth, "Ben Fir")
    request(mara, "Rest")
    request(ben, "Work")
    request(mara, "Health\nand hope")
    page = screen("requests", ruth, layout="print")
    shown = page_text(page)
    assert shown.index("Ben Fir") < shown.index("Work") < shown.index("Mara Vogel")
    assert shown.index("Mara Vogel") < shown.index("Rest") < shown.index("Health")
    assert "Answered" not in [button.label for button in page.button]
    assert "3 open requests" in shown


def test_a_supervisor_reads_and_changes_nothing(
    screen: Callable[..., AppTest], ruth: Actor, mara: int
) -> None:
    with transaction_for_system() as db:
        lead = replace(make.person(db, "supervisor"), modules=ruth.modules)
        make.looks_after(db, lead, ruth)
    request(mara)
    page = screen("requests", lead)
    assert "operation" in page_text(page)
    assert not {"Answered", "Edit"} & {button.label for button in page.button}


def test_without_the_module_there_is_no_button_and_no_page(
    screen: Callable[..., AppTest], ruth: Actor, mara: int
) -> None:
    request(mara)
    with transaction_for_system() as db:
        db.execute(text("update organisation set modules = '{}'"))
    page = screen("donor", replace(ruth, modules=frozenset()), id=str(mara))
    assert "Add request" not in [button.label for button in page.button]
    assert "operation" not in page_text(page)
