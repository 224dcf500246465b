"""A tag for the ticked or all filtered donors of the list, and its undo."""

from collections.abc import Callable

import pytest
from sqlalchemy import URL, select
from streamlit.testing.v1 import AppTest

from app.accounts import Actor
from app.db import transaction_for_system
from app.db.models import Donor, DonorTag, Tag
from tests import factories as make
from tests.pages.conftest import html_tables, page_text, press


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, name="Ruth")
        make.donor(db, ruth, "Anna", tag="choir")
        make.donor(db, ruth, "Bo")
        make.donor(db, ruth, "Cleo", anonymous=True)
        return ruth


def tagged() -> set[str]:
    statement = select(Donor.name).join(DonorTag, DonorTag.donor_id == Donor.id).join(Tag)
    with transaction_for_system() as db:
        return set(db.scalars(statement.where(Tag.name == "choir")))


def test_all_filtered_donors_get_a_tag_and_undo_takes_it_back(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    page = press(screen("donors", ruth, anonymous="No"), "Tag donors")
    assert page.radio(key="bulk_tags_who").options == ["All 2 donors of this list"]
    page = press(page, "Save")
    assert not page.exception
    assert tagged() == {"Anna", "Bo"}
    assert "Gave the tag choir to 1 donor. 1 donor stayed as before." in page_text(page).replace(
        "\\", ""
    )
    page = press(page, "Undo")
    assert not page.exception
    assert tagged() == {"Anna"}
    assert "Undo" not in {button.label for button in page.button}


def test_the_tag_is_taken_from_the_ticked_donors(
    screen: Callable[..., AppTest], ruth: Actor
) -> None:
    page = screen("donors", ruth)
    with transaction_for_system() as db:
        ids = db.scalars(select(Donor.id).where(Donor.name.in_(["Anna", "Cleo"]))).all()
    # the id of a donor who is not in the list does nothing
    page.session_state["donor_list_table_events"] = {"ticked": [*ids, 0]}
    page = press(page.run(), "Tag 2 donors")
    assert page.radio(key="bulk_tags_who").options[0] == "The 2 ticked donors"
    page.radio(key="bulk_tags_how").set_value("Take away")
    page = press(page, "Save")
    assert not page.exception
    assert tagged() == set()
    # the list of a tag that nobody has any more is empty, and can be undone
    page = page.selectbox(key="tag").set_value("choir").run()
    assert not html_tables(page)
    page = press(page, "Undo")
    assert tagged() == {"Anna"}


def test_a_reader_cannot_tag(screen: Callable[..., AppTest], ruth: Actor) -> None:
    with transaction_for_system() as db:
        reader = make.person(db, "read_only")
    page = screen("donors", reader)
    assert html_tables(page)
    assert "Tag donors" not in {button.label for button in page.button}
