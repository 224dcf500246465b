"""Saved mappings on the import screen: the list, its changes, and the choice among several."""

from datetime import date, datetime

import pytest
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import imports
from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories as make
from tests.pages.imports.test_import_file import button, screen, selectbox, shown_text, upload

FILE = b"Giver,Post box,Colour\nAnn Lee,a@l.example,red\n"
MAPPING = {"Giver": "name", "Post box": "email", "Colour": "tags"}


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        make.organisation(db)
        return make.person(db, name="Ruth")


@pytest.fixture
def sam(ruth: Actor) -> Actor:
    with transaction_for_system() as db:
        return make.person(db, name="Sam")


@pytest.fixture
def saved(ruth: Actor, today: date, now: datetime) -> int:
    """A private mapping of Ruth's, and its id."""
    return bring(ruth, today, now)


def bring(
    actor: Actor, today: date, now: datetime, data: bytes = FILE, name: str = "givers.csv"
) -> int:
    request = imports.ImportRequest(name, data, kind="donors", mapping=MAPPING)
    with transaction_for_system() as db:
        imports.import_file(db, actor, request, today=today, now=now)
        return imports.list_mappings(db, actor)[0].mapping_id


def share(actor: Actor, mapping_id: int) -> None:
    with transaction_for_system() as db:
        imports.share_mapping(db, actor, mapping_id=mapping_id, shared=True)


def mappings(actor: Actor) -> list[imports.SavedMapping]:
    with transaction_for_system() as db:
        return imports.list_mappings(db, actor)


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def toasts(page: AppTest) -> list[str]:
    return [str(toast.value) for toast in page.toast]


def refusal(page: AppTest, mapping_id: int) -> str:
    """Return the sentence that the dialog of an edit shows."""
    return str(page.session_state[f"mapping_edit_{mapping_id}_1_refused"])


def test_without_mappings_a_sentence_says_where_they_come_from(ruth: Actor) -> None:
    text = shown_text(screen(ruth))
    assert "Saved mappings" in text
    assert "your choices are saved here for the next one" in text


def test_the_list_says_what_a_mapping_is_and_whose(ruth: Actor, sam: Actor, saved: int) -> None:
    text = shown_text(screen(ruth))
    assert "**givers\\.csv** · :material/lock: Private" in text
    assert "Donors · 3 of 3 columns · saved by you · last used" in text
    assert "givers" not in shown_text(screen(sam))
    share(ruth, saved)
    page = screen(sam)
    assert "**givers\\.csv** · :material/group: Shared" in shown_text(page)
    assert "saved by Ruth" in shown_text(page)
    assert not [one for one in page.button if "mapping" in (one.key or "")]


def test_a_mapping_is_shared_and_kept_to_oneself_again(ruth: Actor, saved: int) -> None:
    page = press(screen(ruth), f"mapping_share_{saved}")
    assert toasts(page) == ["Everybody can use givers\\.csv now\\."]
    assert mappings(ruth)[0].shared
    assert page.button(key=f"mapping_share_{saved}").label == "Keep to myself"
    press(page, f"mapping_share_{saved}")
    assert not mappings(ruth)[0].shared


def test_a_mapping_is_edited_with_its_name(ruth: Actor, saved: int) -> None:
    page = press(screen(ruth), f"mapping_edit_open_{saved}")
    assert "Required: Name or First name or Last name." in shown_text(page)
    assert selectbox(page, "Colour").value == "tags"
    selectbox(page, "Colour").select("notes")
    page.text_input(key=f"mapping_edit_{saved}_1_name").set_value("Monthly *list*")
    button(page, "Save").click().run()
    assert not page.exception
    # the dialog shows it and closes
    assert page.session_state[f"mapping_edit_{saved}_1_done"] == "Monthly *list* is saved."
    (mapping,) = mappings(ruth)
    assert (mapping.name, mapping.latest.version) == ("Monthly *list*", 2)
    assert dict(mapping.latest.mapping) == MAPPING | {"Colour": "notes"}
    assert "**Monthly \\*list\\***" in shown_text(page)


def test_an_edit_without_a_required_field_says_so(ruth: Actor, saved: int) -> None:
    page = press(screen(ruth), f"mapping_edit_open_{saved}")
    selectbox(page, "Giver").select("")
    button(page, "Save").click().run()
    assert "No column says the name or first name or last name" in refusal(page, saved)
    assert mappings(ruth)[0].latest.version == 1


def test_an_edit_of_a_mapping_deleted_meanwhile_says_so(ruth: Actor, saved: int) -> None:
    page = press(screen(ruth), f"mapping_edit_open_{saved}")
    with transaction_for_system() as db:
        imports.delete_mapping(db, ruth, mapping_id=saved)
    button(page, "Save").click().run()
    assert not page.exception
    assert "This saved mapping is not here any more" in refusal(page, saved)


def test_a_mapping_is_deleted_after_a_question(ruth: Actor, saved: int) -> None:
    page = press(screen(ruth), f"mapping_delete_open_{saved}")
    assert "What was imported with it stays as it is" in shown_text(page)
    assert len(mappings(ruth)) == 1
    # the button of the dialog, below that of the menu
    [one for one in page.button if one.label == "Delete"][-1].click().run()
    assert page.session_state["mapping_delete_done"] == "givers.csv is deleted."
    assert mappings(ruth) == []


def test_an_administrator_changes_what_another_user_saved(saved: int) -> None:
    with transaction_for_system() as db:
        ada = make.person(db, "admin", name="Ada")
    page = press(screen(ada), f"mapping_share_{saved}")
    assert page.button(key=f"mapping_share_{saved}").label == "Make private"


def test_more_than_twenty_are_shown_on_demand(ruth: Actor) -> None:
    with transaction_for_system() as db:
        for number in range(23):
            make.saved_mapping(db, ruth, name=f"File {number}")
    page = screen(ruth)
    shown = [one for one in page.button if one.label == "Edit"]
    assert len(shown) == 20
    page.toggle(key="mappings_all").set_value(True).run()
    assert len([one for one in page.button if one.label == "Edit"]) == 23


def test_one_of_several_saved_mappings_is_chosen_for_a_file(
    ruth: Actor, sam: Actor, today: date, now: datetime
) -> None:
    with transaction_for_system() as db:
        for name, colour in (("Spring", "notes"), ("Autumn", "tags")):
            make.saved_mapping(
                db,
                sam,
                {"Giver": "name", "Post box": "email", "Colour": colour},
                name=name,
                shared=True,
            )
        make.saved_mapping(db, ruth, {"Giver": "last_name", "Fax": "phone"}, name="Faxes")
        make.saved_mapping(db, ruth, {"Giver": "name"}, name="A fund", kind="funds")
    page = upload(screen(ruth), FILE)
    box = selectbox(page, "Saved mapping")
    assert box.options == [
        "Autumn (3 of 3 columns, by Sam)",
        "Spring (3 of 3 columns, by Sam)",
        "Faxes (1 of 3 columns)",
        "None: detect the columns",
    ]
    assert (box.index, selectbox(page, "Colour").value) == (0, "tags")
    box.select_index(1).run()
    assert selectbox(page, "Colour").value == "notes"
    assert "Like **Spring**" in shown_text(page)
    selectbox(page, "Saved mapping").select_index(2).run()
    assert not page.exception
    assert selectbox(page, "Giver").value == "last_name"
    assert "New: Post box, Colour. Gone: Fax." in shown_text(page).replace("\\", "")
    selectbox(page, "Saved mapping").select_index(1).run()
    button(page, "Import 1 donor").click().run()
    # used as it was: no mapping is added
    assert sorted(each.name for each in mappings(ruth)) == [
        "A fund",
        "Autumn",
        "Faxes",
        "Spring",
    ]
    assert mappings(ruth)[0].name == "Spring"


@pytest.mark.usefixtures("ruth")
def test_an_earlier_version_can_be_chosen(today: date, now: datetime) -> None:
    with transaction_for_system() as db:
        star = make.person(db, name="R. *Star*")
    saved = bring(star, today, now)
    with transaction_for_system() as db:
        imports.edit_mapping(
            db, star, mapping_id=saved, version=1, mapping={"Giver": "name", "Colour": "notes"}
        )
    page = upload(screen(star), FILE)
    assert selectbox(page, "Colour").value == "notes"
    assert "by R\\. \\*Star\\*" in shown_text(page)
    version = selectbox(page, "Version")
    assert [option.partition(",")[0] for option in version.options] == ["Version 2", "Version 1"]
    # an option is shown as it is
    assert all(option.endswith("by R. *Star*") for option in version.options)
    version.select_index(1).run()
    assert not page.exception
    assert selectbox(page, "Colour").value == "tags"


def test_what_was_chosen_last_and_not_imported_is_offered_first(ruth: Actor, saved: int) -> None:
    page = upload(screen(ruth), FILE)
    selectbox(page, "Colour").select("notes").run()
    page = upload(screen(ruth), FILE)
    box = selectbox(page, "Saved mapping")
    assert box.options[:2] == ["As you chose them last", "givers.csv (3 of 3 columns)"]
    assert selectbox(page, "Colour").value == "notes"
    box.select_index(1).run()
    assert selectbox(page, "Colour").value == "tags"
