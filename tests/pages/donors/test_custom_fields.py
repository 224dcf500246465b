"""Custom fields on the page of a donor, in its form, and as a filter of the list."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import field, html_tables, page_text, press

VALUES = {"Born": "1964-05-01", "Volunteer": "true", "Shirt": "M", "Church": "St <b>Ann"}


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


@pytest.fixture
def ids(ruth: Actor) -> dict[str, int]:
    with transaction_for_system() as db:
        return {
            "Born": make.custom_field(db, "Born", "date"),
            "Volunteer": make.custom_field(db, "Volunteer", "yes-no"),
            "Shirt": make.custom_field(db, "Shirt", "choice", "S", "M"),
            "Children": make.custom_field(db, "Children", "number"),
            "Old": make.custom_field(db, "Old", is_open=False),
            "donor": make.donor(db, ruth, "Mara Vogel", custom=VALUES),
        }


def custom(donor_id: int) -> dict[str, str]:
    with transaction_for_system() as db:
        statement = text("select custom from donor where id = :id")
        values: dict[str, str] = db.execute(statement, {"id": donor_id}).scalar_one()
        return values


def test_values_are_shown_in_the_order_of_the_fields(
    screen: Callable[..., AppTest], ruth: Actor, ids: dict[str, int]
) -> None:
    shown = page_text(screen("donor", ruth, id=str(ids["donor"])))
    assert "<b>" not in shown
    places = [shown.index(part) for part in ("1 May 1964", ":gray[Volunteer:] Yes", "St ")]
    assert places == sorted(places)


def test_values_are_edited_with_an_input_of_their_type(
    screen: Callable[..., AppTest], ruth: Actor, ids: dict[str, int]
) -> None:
    page = press(screen("donor", ruth, id=str(ids["donor"])), "Edit")
    assert field(page, "edit_donor_more").value == "Church: St <b>Ann"
    assert field(page, f"edit_donor_custom_{ids['Born']}").value == date(1964, 5, 1)
    assert f"edit_donor_custom_{ids['Old']}" not in {box.key for box in page.text_input}
    field(page, f"edit_donor_custom_{ids['Born']}").set_value(date(1970, 1, 2))
    field(page, f"edit_donor_custom_{ids['Volunteer']}").set_value("false")
    field(page, f"edit_donor_custom_{ids['Shirt']}").select_index(0)
    field(page, f"edit_donor_custom_{ids['Children']}").input("two")
    page = press(press(page, "Save"), "Edit")
    assert "Children: “two” is not a number such as 1234.5." in page_text(page).replace("\\", "")
    assert custom(ids["donor"]) == VALUES
    field(page, f"edit_donor_custom_{ids['Born']}").set_value(date(1970, 1, 2))
    field(page, f"edit_donor_custom_{ids['Volunteer']}").set_value("false")
    field(page, f"edit_donor_custom_{ids['Shirt']}").select_index(0)
    field(page, f"edit_donor_custom_{ids['Children']}").input("2,0")
    page = press(page, "Save")
    assert not page.exception
    assert custom(ids["donor"]) == {
        "Born": "1970-01-02",
        "Volunteer": "false",
        "Children": "2",
        "Church": "St <b>Ann",
    }


def test_a_value_that_does_not_fit_stays_a_line(
    screen: Callable[..., AppTest], ruth: Actor, ids: dict[str, int]
) -> None:
    with transaction_for_system() as db:
        db.execute(text('update donor set custom = \'{"Born": "in May"}\''))
    page = press(screen("donor", ruth, id=str(ids["donor"])), "Edit")
    assert field(page, "edit_donor_more").value == "Born: in May"
    page = press(page, "Save")
    assert not page.exception
    assert custom(ids["donor"]) == {"Born": "in May"}


def test_a_new_donor_gets_values(
    screen: Callable[..., AppTest], ruth: Actor, ids: dict[str, int]
) -> None:
    page = press(screen("donors", ruth), "New donor")
    field(page, "new_donor_name").input("Bo Ek")
    field(page, f"new_donor_custom_{ids['Shirt']}").set_value("S")
    page = press(page, "Add donor")
    assert custom(ids["donor"] + 1) == {"Shirt": "S"}


def test_the_list_is_filtered_by_a_field(
    screen: Callable[..., AppTest], ruth: Actor, ids: dict[str, int]
) -> None:
    with transaction_for_system() as db:
        make.donor(db, ruth, "Bo Ek", custom={"Shirt": "S", "Children": "2"})

    def names(page: AppTest) -> list[str]:
        assert not page.exception
        return html_tables(page)[0]["Name"] if html_tables(page) else []

    page = field(screen("donors", ruth), "field").set_value("Shirt").run()
    assert names(page) == ["Bo Ek", "Mara Vogel"]
    assert names(field(page, "choice").set_value("S").run()) == ["Bo Ek"]
    assert names(screen("donors", ruth, field="Born", value="1964-05-01")) == ["Mara Vogel"]
    assert names(screen("donors", ruth, field="Children", value="2,0")) == ["Bo Ek"]
    page = screen("donors", ruth, field="Children", value="two")
    assert names(page) == []
    assert "is not a number" in page_text(page)
