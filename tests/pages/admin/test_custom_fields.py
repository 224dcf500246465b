"""The administration of custom fields on the screen of tags."""

from collections.abc import Callable

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import donors
from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import field, page_text, press


@pytest.fixture
def ada(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, "admin", name="Ada")


def saved() -> list[donors.CustomField]:
    with transaction_for_system() as db:
        return donors.custom_fields(db)


def test_an_empty_list_says_what_a_field_is(screen: Callable[..., AppTest], ada: Actor) -> None:
    page = screen("tags", ada, show="Custom fields")
    assert not page.exception
    assert "No custom fields yet" in page_text(page)


def test_a_field_is_created_changed_and_closed(screen: Callable[..., AppTest], ada: Actor) -> None:
    with transaction_for_system() as db:
        make.donor(db, ada, "Mara Vogel", custom={"shirt <b>": "m"})
        make.donor(db, ada, "Bo Ek", custom={"Shirt": "huge"})
    page = press(screen("tags", ada, show="Custom fields"), "New custom field")
    field(page, "new_field_name").input("Shirt")
    field(page, "new_field_type").set_value("choice")
    field(page, "new_field_choices").input("S\nM")
    page = press(press(page, "Create field"), "New custom field")
    assert "1 donor has a value in the field Shirt that is not one of S" in page_text(page)
    assert saved() == []
    field(page, "new_field_name").input("Shirt")
    field(page, "new_field_type").set_value("choice")
    field(page, "new_field_choices").input("S\nhuge")
    page = press(page, "Create field")
    (shirt,) = saved()
    assert (shirt.name, shirt.type, shirt.choices) == ("Shirt", "choice", ("S", "huge"))
    page = page.button(key=f"field_{shirt.field_id}_Change").click().run()
    assert "1 donor with a value" in page_text(page)
    field(page, "change_field_name").input("Shirt size")
    field(page, "change_field_open").set_value(False)
    page = press(page, "Save")
    assert not page.exception
    assert [(each.name, each.open) for each in saved()] == [("Shirt size", False)]
    assert "Closed" in page_text(page)


def test_the_order_is_changed(screen: Callable[..., AppTest], ada: Actor) -> None:
    with transaction_for_system() as db:
        ids = [make.custom_field(db, name) for name in ("A", "B", "C")]
    page = press(screen("tags", ada, show="Custom fields"), "Change the order")
    field(page, "order_fields_first").set_value([ids[2], ids[0]])
    page = press(page, "Save")
    assert not page.exception
    assert [each.name for each in saved()] == ["C", "A", "B"]


def test_finance_reads_the_fields_only(screen: Callable[..., AppTest], ada: Actor) -> None:
    with transaction_for_system() as db:
        make.custom_field(db, "Birthday <i>", "date")
        finance = make.person(db, "finance")
    page = screen("tags", finance, show="Custom fields")
    assert "0 donors with a value" in page_text(page)
    assert "<i>" not in page_text(page)
    assert not {"New custom field", "Change"} & {button.label for button in page.button}
