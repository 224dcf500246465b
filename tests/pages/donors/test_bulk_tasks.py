"""A task for the donors of the list, by a filter of funds, and its undo."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import URL, select
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import Donor, Task
from tests import factories as make
from tests.pages.conftest import html_tables, page_text, press


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth")
        relief = make.fund(db, "Relief")
        anna, bo = make.donor(db, ruth, "Anna"), make.donor(db, ruth, "Bo")
        make.gift(db, anna, "20", date(2026, 11, 1), fund_id=relief)
        make.pledge(db, bo, "20", start=date(2026, 1, 1), fund_id=relief)
        make.gift(db, make.donor(db, ruth, "Cleo"), "20", date(2026, 11, 1))
        return ruth


def with_task() -> list[str]:
    statement = select(Donor.name).join(Task, Task.donor_id == Donor.id).order_by(Donor.name)
    with transaction_for_system() as db:
        return list(db.scalars(statement))


def test_the_donors_of_a_fund_get_a_task_and_undo_takes_it_back(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    page = screen("donors", ruth)
    page = page.selectbox(key="fund").set_value(page.selectbox(key="fund").options[0]).run()
    assert not page.exception
    (table,) = html_tables(page)
    assert table["Name"] == ["Anna", "Bo"]
    page = press(page, "Add tasks")
    assert page.radio(key="bulk_tasks_who").options == ["All 2 donors of this list"]
    page.text_input(key="bulk_tasks_title").set_value("Call about the fair")
    page = press_save(page)
    assert not page.exception
    assert with_task() == ["Anna", "Bo"]
    assert "Added 2 tasks." in page_text(page).replace("\\", "")
    page = press(page, "Undo")
    assert with_task() == []


def press_save(page: AppTest) -> AppTest:
    """Press the button of the form, which has the label of the one that opened it."""
    save = [button for button in page.button if button.label == "Add tasks"][-1]
    return save.click().run()


def test_only_the_ticked_donors_get_one(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("donors", ruth)
    with transaction_for_system() as db:
        cleo = db.scalars(select(Donor.id).where(Donor.name == "Cleo")).one()
    page.session_state["donor_list_table_events"] = {"ticked": [cleo]}
    page = press(page.run(), "Add tasks")
    assert page.radio(key="bulk_tasks_who").options[0] == "The 1 ticked donor"
    page = press_save(page)
    assert not page.exception
    assert with_task() == ["Cleo"]
