"""The screen of tags, and the tags on the page of a donor."""

from collections.abc import Callable
from dataclasses import replace

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


@pytest.fixture
def ids(ada: Actor) -> dict[str, int]:
    with transaction_for_system() as db:
        ruth = make.person(db, name="Ruth")
        donor = make.donor(db, ruth, "Mara Vogel")
        return {
            "ruth": ruth.user_id,
            "donor": donor,
            "news": make.add_tag(db, donor, "news"),
            "choir": donors.create_tag(db, ada, name="choir <b>"),
        }


def counts(ada: Actor) -> dict[str, int]:
    with transaction_for_system() as db:
        return {tag.name: tag.donors for tag in donors.tag_list(db, ada)}


def test_an_empty_list_says_what_a_tag_is(screen: Callable[..., AppTest], ada: Actor) -> None:
    page = screen("tags", ada)
    assert not page.exception
    assert "No tags yet" in page_text(page)


def test_a_tag_is_created_renamed_and_deleted(
    screen: Callable[..., AppTest], ada: Actor, ids: dict[str, int]
) -> None:
    page = screen("tags", ada)
    assert "2 tags" in page_text(page)
    assert "<b>" not in page_text(page)
    page = press(page, "New tag")
    field(page, "new_tag_name").input("volunteers")
    page = press(page, "Create tag")
    page = page.button(key=f"tag_{ids['news']}_Rename").click().run()
    field(page, "rename_tag_name").input("newsletter")
    page = press(page, "Save")
    assert counts(ada) == {"choir <b>": 0, "newsletter": 1, "volunteers": 0}
    page = page.button(key=f"tag_{ids['news']}_Delete").click().run()
    assert "**1 donor** will lose the tag newsletter" in page_text(page)
    page = press(page, "Delete tag")
    assert not page.exception
    assert counts(ada) == {"choir <b>": 0, "volunteers": 0}


def test_a_merge_says_how_many_donors_it_concerns(
    screen: Callable[..., AppTest], ada: Actor, ids: dict[str, int]
) -> None:
    page = screen("tags", ada)
    page.session_state["merge_into"] = ids["choir"]
    page = page.button(key=f"tag_{ids['news']}_Merge").click().run()
    assert "**1 donor** with news will have choir <b> instead" in page_text(page).replace("\\", "")
    page = page.button(key="merge_now").click().run()
    assert not page.exception
    assert counts(ada) == {"choir <b>": 1}


def test_finance_reads_and_others_may_not(
    screen: Callable[..., AppTest], ada: Actor, ids: dict[str, int]
) -> None:
    with transaction_for_system() as db:
        finance, other = make.person(db, "finance"), make.person(db)
    for reader in (finance, replace(finance, viewer_id=ada.user_id, viewer_name="Ada")):
        page = screen("tags", reader)
        assert "1 donor" in page_text(page)
        assert not page.button
    page = screen("tags", other)
    assert page.exception
    assert "news" not in page_text(page)


def test_the_owner_changes_the_tags_of_a_donor(
    screen: Callable[..., AppTest], ada: Actor, ids: dict[str, int]
) -> None:
    ruth = Actor(ids["ruth"], ada.role.FUNDRAISER, "Ruth")
    page = press(screen("donor", ruth, id=str(ids["donor"])), "Tags")
    chosen = field(page, "donor_tags_chosen")
    assert chosen.value == [ids["news"]]
    chosen.set_value([ids["choir"]])
    page = press(page, "Save")
    assert not page.exception
    assert counts(ada) == {"choir <b>": 1, "news": 0}
    looking = replace(ruth, viewer_id=ada.user_id, viewer_name="Ada")
    page = screen("donor", looking, id=str(ids["donor"]))
    assert "Tags" not in {button.label for button in page.button}
