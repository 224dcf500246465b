"""The page of a list in the URL: Back, a reload and a shared link show the same rows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.conftest import html_tables, page_text, press

NUMBER = 120
FIRST_DAY = date(2026, 1, 1)


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth Vane")


@pytest.fixture
def many(ruth: Actor) -> list[str]:
    """Donors with one gift each, in the order of their names; the last one gave last."""
    names = [f"Donor {number:03}" for number in range(NUMBER)]
    with transaction_for_system() as db:
        for number, name in enumerate(names):
            donor = make.donor(db, ruth, name)
            make.gift(db, donor, "10", FIRST_DAY + timedelta(days=number))
    return names


def rows(page: AppTest, column: str) -> list[str]:
    assert not page.exception
    [table] = html_tables(page)
    return table[column]


@pytest.mark.parametrize(("name", "column"), [("donors", "Name"), ("gifts", "Donor")])
def test_the_address_names_the_page(
    screen: Callable[..., AppTest], ruth: Actor, many: list[str], name: str, column: str
) -> None:
    ordered = many if name == "donors" else many[::-1]
    page = screen(name, ruth)
    assert rows(page, column) == ordered[:50]
    assert "page" not in page.query_params
    page = press(page, "Next")
    assert rows(page, column) == ordered[50:100]
    assert page.query_params["page"] == "2"
    # a new session of a browser, such as after a reload, and a link from a colleague
    page = screen(name, ruth, page="3")
    assert rows(page, column) == ordered[100:]
    assert "101 to 120 of 120" in page_text(page)
    page = press(page, "Previous")
    assert rows(page, column) == ordered[50:100]
    assert page.query_params["page"] == "2"
    page = press(page, "Previous")
    assert rows(page, column) == ordered[:50]
    assert "page" not in page.query_params


def test_back_turns_the_pages_back(
    screen: Callable[..., AppTest], ruth: Actor, many: list[str]
) -> None:
    page = press(press(screen("donors", ruth), "Next"), "Next")
    assert rows(page, "Name") == many[100:]
    # what the browser does for Back, and for the menu's link to the list
    page.query_params["page"] = "2"
    assert rows(page.run(), "Name") == many[50:100]
    del page.query_params["page"]
    assert rows(page.run(), "Name") == many[:50]


@pytest.mark.parametrize("written", ["0", "4", "-2", "two", "²", "201", "9" * 30])
def test_a_page_that_is_not_there_is_the_first_one(
    screen: Callable[..., AppTest], ruth: Actor, many: list[str], written: str
) -> None:
    page = screen("donors", ruth, page=written)
    assert rows(page, "Name") == many[:50]
    assert "page" not in page.query_params


def test_another_filter_begins_with_the_first_page(
    screen: Callable[..., AppTest], ruth: Actor, many: list[str]
) -> None:
    page = screen("donors", ruth, page="2")
    page.text_input(key="query").set_value("Donor 0").run()
    assert rows(page, "Name") == many[:50]
    assert "page" not in page.query_params
