"""Several files on the import screen: their order, their questions, one button, one undo."""

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest

from app import imports
from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories
from tests.integration.imports.test_service import ENTITIES, FUNDS, GIFTS, PLEDGES
from tests.pages.imports.test_import_file import (
    button,
    labels,
    screen,
    selectbox,
    shown_text,
)

FILES = {
    "gifts.csv": GIFTS,
    "people.csv": ENTITIES,
    "pledges.csv": PLEDGES,
    "funds.csv": FUNDS,
}
OWN_PEOPLE = "Supporter No,Full name,Email\n1,Ann Lee,ann@lee.example\n"
OWN_GIFTS = "Supporter No,Amount,Date,Gift id\n1,10.00,03/04/2026,G1\n9,10.00,03/04/2026,G2\n"


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        factories.organisation(db)
        return factories.person(db, role="fundraiser", name="Ruth")


def upload(page: AppTest, files: dict[str, str]) -> AppTest:
    page.file_uploader[0].set_value(
        [(name, data.encode(), "text/csv") for name, data in files.items()]
    )
    page.run()
    assert not page.exception
    return page


def headings(page: AppTest) -> Sequence[str]:
    return [
        element.value.removeprefix("#### ").split(" :gray")[0].replace("\\", "")
        for element in page.markdown
        if element.value.startswith("#### ")
    ]


def figures(page: AppTest) -> list[list[int]]:
    """The figures of each file (a line) and of all of them (new, changed, here, not imported)."""
    lines = [
        re.findall(r"\d+", each.value) for each in page.markdown if "already here" in each.value
    ]
    return [list(map(int, line)) for line in (*lines, [metric.value for metric in page.metric])]


def states() -> list[str]:
    with transaction_for_system() as db:
        return list(db.scalars(text("select state from import_run order by id")))


def test_files_that_refer_to_each_other_are_imported_and_undone_by_one_button(
    ruth: Actor,
) -> None:
    page = upload(screen(ruth), FILES)
    assert "These 4 files are imported together, in this order" in shown_text(page)
    assert headings(page) == [
        "1. funds.csv",
        "2. people.csv",
        "3. pledges.csv",
        "4. gifts.csv",
        "All 4 files",
    ]
    assert figures(page) == [
        [2, 0, 0, 0],
        [2, 0, 0, 0],
        [1, 0, 0, 0],
        [4, 0, 0, 0],
        [9, 0, 0, 0],
    ]
    button(page, "Import 4 files").click().run()
    assert not page.exception
    assert states() == ["done"] * 4
    shown = shown_text(page).replace("\\", "")
    assert "4 files imported" in shown
    assert "**gifts.csv**: 4 new, 0 changed, 0 already here, 0 not imported" in shown
    assert shown.count("together with other files") == 4
    next(each for each in page.button if each.label == "Undo").click().run()
    assert "Undo this file" in labels(page.button)
    button(page, "Undo all 4 files").click().run()
    assert "The import of 4 files is undone" in shown_text(page)
    assert states() == ["undone"] * 4


def test_every_file_asks_its_questions_in_its_own_place(ruth: Actor) -> None:
    page = upload(screen(ruth), {"gifts.csv": OWN_GIFTS, "people.csv": OWN_PEOPLE})
    boxes = [box for box in page.selectbox if box.label == "What does the file hold?"]
    assert [box.value for box in boxes] == ["donors", "gifts"]
    for place, field in ((0, "external_id"), (1, "donor_external_id")):
        column = [box for box in page.selectbox if box.label.startswith("Supporter No")][place]
        column.select(field)
    page.run()
    assert not page.exception
    shown = shown_text(page)
    assert "can be read as day or month first" in shown
    assert "Its figures are shown when the other files can be read" in shown
    assert not [each for each in labels(page.button) if each.startswith("Import ")]
    assert states() == []
    (question,) = [each for each in page.button_group if each.label == "How are dates written?"]
    question.set_value("dmy")
    page.run()
    assert not page.exception
    assert figures(page) == [[1, 0, 0, 0], [1, 0, 0, 1], [2, 0, 0, 1]]
    assert "1 row will not be imported" in shown_text(page)
    button(page, "Import 2 files").click().run()
    with transaction_for_system() as db:
        assert list(db.scalars(text("select external_id from gift"))) == ["G1"]


def test_a_file_that_cannot_be_read_is_named_and_the_others_stay(ruth: Actor) -> None:
    page = upload(screen(ruth), {"empty.csv": " ", "people.csv": ENTITIES, "funds.csv": FUNDS})
    shown = shown_text(page)
    assert "The file is empty" in shown
    assert shown.count("Recognised as") == 2
    assert states() == []
    # without it the others go on
    page = upload(page, {"people.csv": ENTITIES, "funds.csv": FUNDS})
    assert "Import 2 files" in labels(page.button)


def test_the_same_file_twice_is_one_file(ruth: Actor) -> None:
    page = upload(screen(ruth), {"people.csv": ENTITIES, "copy.csv": ENTITIES})
    assert "Import 2 donors" in labels(page.button)
    assert "in this order" not in shown_text(page)


def test_data_changed_since_the_plan_shows_the_new_plan(ruth: Actor) -> None:
    page = upload(screen(ruth), FILES)
    with transaction_for_system() as db:
        factories.donor(db, ruth, "Hanna Vogel", email="hanna@vogel.example")
    button(page, "Import 4 files").click().run()
    assert "The data changed since you looked" in shown_text(page)
    assert figures(page)[1] == [1, 1, 0, 0]
    button(page, "Import 4 files").click().run()
    assert states()[-4:] == ["done"] * 4


def test_big_files_wait_for_the_worker_with_one_progress_bar(
    ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BIG_IMPORT_ROWS", 3)
    page = upload(screen(ruth), FILES)
    button(page, "Import 4 files").click().run()
    assert not page.exception
    assert states() == ["queued"] * 4
    (cancel,) = [each for each in page.button if each.label == "Cancel this import"]
    cancel.click().run()
    assert states() == ["cancelled"] * 4


def test_an_administrator_chooses_the_owner_once(ruth: Actor) -> None:
    with transaction_for_system() as db:
        ada = factories.person(db, role="admin", name="Ada")
    page = upload(screen(ada), {"people.csv": ENTITIES, "funds.csv": FUNDS})
    selectbox(page, "New donors belong to").select(ruth.email).run()
    button(page, "Import 2 files").click().run()
    with transaction_for_system() as db:
        assert set(db.scalars(text("select owner_id from donor"))) == {ruth.user_id}


def test_too_many_files_are_refused(ruth: Actor) -> None:
    files = {f"{n}.csv": f"{FUNDS}F{n + 10},Fund {n},active\n" for n in range(11)}
    assert "at most 10 files" in shown_text(upload(screen(ruth), files))
