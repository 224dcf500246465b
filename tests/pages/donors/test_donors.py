"""The list of donors: empty, filled, searched, filtered, paged; a new donor."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import URL, select, text
from streamlit.testing.v1 import AppTest

from app.accounts import Actor, Role
from app.db.models import Donor
from app.db.session import transaction_for_system
from tests import factories as make
from tests.pages.conftest import field, html_tables, page_text, press


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


def names(page: AppTest) -> list[str]:
    return html_tables(page)[0]["Name"] if html_tables(page) else []


def test_empty(screen: Callable[..., AppTest], ruth: Actor) -> None:
    assert "No donors yet. Import a file" in page_text(screen("donors", ruth))


def test_search_as_typed_or_from_an_address(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        make.donor(db, ruth, "Zoë Whitfield")
        make.donor(db, ruth, "Tom Reed")
    page = screen("donors", ruth)
    assert names(page) == ["Tom Reed", "Zoë Whitfield"]
    page = field(page, "query").set_value("zoe").run()
    assert names(page) == ["Zoë Whitfield"]
    assert names(screen("donors", ruth, query="reed")) == ["Tom Reed"]
    page = field(page, "query").set_value("whitfeild").run()
    assert "Closest results" in page_text(page)
    page = field(page, "query").set_value("nobody at all").run()
    assert "No donor matches" in page_text(page)


def test_filters_and_sorting(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        gave = make.donor(db, ruth, "Anna", tag="choir")
        make.donor(db, ruth, "Zora")
        make.gift(db, gave, "10")
    page = screen("donors", ruth)
    assert names(field(page, "giving").set_value(["never gave"]).run()) == ["Zora"]
    page = field(page, "giving").set_value([]).run()
    assert names(field(page, "tag").set_value("choir").run()) == ["Anna"]
    page = field(page, "tag").set_value(None).run()
    assert names(field(page, "sort").set_value("lifetime").run()) == ["Anna", "Zora"]


def test_pages_of_fifty(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        for number in range(60):
            make.donor(db, ruth, f"Donor {number:02}")
    page = screen("donors", ruth)
    assert len(names(page)) == 50
    assert "1 to 50 of 60" in page_text(page)
    page = press(page, "Next")
    assert names(page)[0] == "Donor 50"
    assert "51 to 60 of 60" in page_text(page)
    page = press(page, "Previous")
    assert names(page)[0] == "Donor 00"
    page = press(page, "Next")
    page = field(page, "query").set_value("donor").run()
    assert "1 to 50 of 60" in page_text(page)


def test_the_owner_column_needs_several_owners(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        admin, sam = make.person(db, "admin"), make.person(db, name="Sam")
        make.donor(db, ruth, "Anna")
        make.donor(db, sam, "Zora")
    page = screen("donors", admin)
    assert html_tables(page)[0]["Owner"] == ["Ruth", "Sam"]
    assert names(field(page, "owner").set_value(str(sam.user_id)).run()) == ["Zora"]
    assert "Owner" not in html_tables(screen("donors", ruth))[0]


def fill(page: AppTest, **fields: str) -> AppTest:
    page = press(page, "New donor")
    for name, value in fields.items():
        page.text_input(key=f"new_donor_{name}").set_value(value)
    return press(page, "Add donor")


def test_new_donor(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = fill(screen("donors", ruth), first_name="Tom", email="tom at home")
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from donor")) == 0
    assert "tom at home" in page_text(press(page, "New donor")).replace("\\", "")
    fill(page, first_name="Tom", last_name="Reed", email="tom@example.org")
    with transaction_for_system() as db:
        assert db.scalar(select(Donor.name)) == "Tom Reed"


def test_readers_add_no_donor(screen: Callable[..., AppTest], ruth: Actor) -> None:
    page = screen("donors", replace(ruth, role=Role.READ_ONLY))
    assert "New donor" not in [button.label for button in page.button]


def test_anonymous_donors_have_a_label_and_a_filter(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    with transaction_for_system() as db:
        make.donor(db, ruth, "Ida Quill", anonymous=True)
        make.donor(db, ruth, "Tom Reed")
        reader = make.person(db, "read_only")
    page = screen("donors", ruth)
    assert names(page) == ["Ida Quill (anonymous)", "Tom Reed"]
    assert names(field(page, "anonymous").set_value("yes").run()) == ["Ida Quill (anonymous)"]
    assert names(field(page, "anonymous").set_value("no").run()) == ["Tom Reed"]
    assert names(screen("donors", reader)) == ["Anonymous", "Tom Reed"]
    assert names(screen("donors", reader, query="quill")) == []
