"""Choices for a whole file on the import screen: what rows do not say, and repeated rows."""

from sqlalchemy import text

from app import imports
from app.accounts import Actor
from app.db import transaction_for_system
from tests import factories
from tests.pages.imports.test_import_file import (
    DONORS,
    button,
    labels,
    ruth,
    screen,
    selectbox,
    shown_text,
    upload,
)

__all__ = ["ruth"]


def rows(query: str) -> list[tuple[object, ...]]:
    with transaction_for_system() as db:
        return [tuple(row) for row in db.execute(text(query))]


GIFTS = b"Name,Amount,Date,Shoe size\nIda Holm,10,2025-04-07,44\nPer Lind,5,2025-04-08,\n"
REPEATED = b"Name,Amount,Date\nIda Holm,10,2025-04-07\nIda Holm,10,2025-04-07\n"


def test_a_method_for_rows_that_name_none(ruth: Actor) -> None:
    page = upload(screen(ruth), GIFTS)
    assert "Choices for the whole file" in labels(page.expander)
    selectbox(page, "Method").select("cash").run()
    said = shown_text(page).replace("\\", "")
    assert "Rows without a method are cash, as you chose." in said
    button(page, "Import 2 gifts and 2 donors").click().run()
    assert not page.exception
    assert rows("select method from gift") == [("cash",), ("cash",)]


def test_the_plan_names_unused_columns_and_what_it_takes_for_granted(ruth: Actor) -> None:
    shown = shown_text(upload(screen(ruth), GIFTS))
    assert "Unused columns: Shoe size." in shown
    assert "Nothing says the currency of 2 amounts" in shown


def test_repeated_rows_are_listed_and_may_be_gifts_of_their_own(ruth: Actor) -> None:
    page = upload(screen(ruth), REPEATED)
    [question] = [each for each in page.radio if each.label.startswith("Rows that repeat")]
    assert question.label.endswith("(row 3)")
    assert "Import 1 gift and 1 donor" in labels(page.button)
    question.set_value(True).run()
    button(page, "Import 2 gifts and 1 donor").click().run()
    assert not page.exception
    assert rows("select amount_minor from gift") == [(1000,), (1000,)]


def test_a_file_of_donors_has_no_such_choices(ruth: Actor) -> None:
    page = upload(screen(ruth), b"Name,Email\nIda Holm,i@x.example\n")
    assert "Choices for the whole file" not in labels(page.expander)


def test_the_source_of_the_ids_can_be_chosen(ruth: Actor) -> None:
    with transaction_for_system() as db:
        factories.donor(db, ruth, "Ann Lee", external=("civicrm", "C1"))
    page = upload(screen(ruth), b"Id,Full name,Notes\nC1,Ann Lee,x\n")
    choice = selectbox(page, "The ids in this file come from")
    assert choice.options == ["the file itself", "CiviCRM"]
    choice.set_value("CiviCRM").run()
    assert not page.exception
    assert "Ids are those of CiviCRM: 1 of 1 donor is known by them" in shown_text(page).replace(
        "\\", ""
    )
    button(page, "Import 1 donor").click().run()
    assert not page.exception
    with transaction_for_system() as db:
        run = imports.history(db, ruth)[0]
        assert (run.counts["create"], run.counts["update"]) == (0, 1)
        options = text("select options ->> 'source' from import_run where id = :id")
        assert db.scalar(options, {"id": run.id}) == "civicrm"


def test_without_ids_the_source_is_not_asked(ruth: Actor) -> None:
    for data in (b"Full name,Notes\nAnn Lee,x\n", DONORS):
        page = upload(screen(ruth), data)
        assert "The ids in this file come from" not in labels(page.selectbox)
