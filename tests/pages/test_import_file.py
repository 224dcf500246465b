"""The import screen: recognise, ask, preview, import, undo, refuse."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from app import imports
from app.accounts import Role
from app.db import transaction
from tests import factories

PAGE = Path(__file__).parents[2] / "pages" / "import_file.py"
CSV = Path(__file__).parents[1] / "fixtures" / "csv"
DONORS = (CSV / "entities.csv").read_bytes()


@pytest.fixture
def ruth(database):
    with transaction() as db:
        factories.organisation(db)
        return factories.person(db, role="fundraiser", name="Ruth")


def screen(actor) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=30)
    page.session_state["actor"] = actor
    return page.run()


def upload(page: AppTest, data: bytes, name: str = "file.csv") -> AppTest:
    page.file_uploader[0].set_value((name, data, "text/csv"))
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = ("markdown", "caption", "success", "info", "warning", "error", "subheader")
    return "\n".join(str(one.value) for kind in kinds for one in getattr(page, kind))


def button(page: AppTest, label: str):
    return next(one for one in page.button if one.label == label)


def test_empty_says_what_to_do(ruth):
    page = screen(ruth)
    assert not page.exception
    assert "Nothing was imported yet" in words(page)


def test_recognises_previews_imports_and_undoes(ruth):
    page = upload(screen(ruth), DONORS)
    assert "Recognised as Entities" in words(page)
    assert [one.value for one in page.metric] == ["3", "0", "0", "1"]
    assert "1 row will not be imported" in words(page)
    button(page, "Import 3 donors").click().run()
    assert not page.exception
    assert "3 new" in words(page)
    assert "Done" in words(page)
    button(page, "Undo").click().run()
    button(page, "Undo import").click().run()
    assert "The import is undone" in words(page)
    with transaction() as db:
        assert [run.state for run in imports.history(db, ruth)] == ["undone"]


def test_same_file_again_offers_nothing(ruth):
    page = upload(screen(ruth), DONORS)
    button(page, "Import 3 donors").click().run()
    page = upload(screen(ruth), DONORS)
    assert "in this file is here already" in words(page)
    assert [one.key for one in page.button if one.label.startswith("Import")] == ["again_1"]


def test_unknown_file_is_mapped_and_the_date_order_asked(ruth):
    data = b"Who,Mail,Gift Amount,Gift Date\nPim Oak,pim@oak.example,10,03/04/2024\n"
    page = upload(screen(ruth), data)
    assert "We do not know this format" in words(page)
    who = next(one for one in page.selectbox if one.label.startswith("Who"))
    who.select("name").run()
    assert "can be read as day or month first" in words(page)
    page.session_state["import_date_order"] = "dmy"
    page.run()
    assert not page.exception
    assert "on 3 Apr 2024" in words(page)
    button(page, "Import 1 gift and 1 donor").click().run()
    assert not page.exception
    assert "2 new" in words(page)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b" ", "The file is empty", id="empty"),
        pytest.param(b"PK\x03\x04....", "damaged", id="xlsx"),
        pytest.param(b"a,b\n", "no rows under it", id="header only"),
    ],
)
def test_refused_files_say_why(ruth, data, sentence):
    assert sentence.replace(".", "\\.") in words(upload(screen(ruth), data))


def test_data_changed_since_the_preview_shows_the_new_plan(ruth):
    page = upload(screen(ruth), DONORS)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with transaction() as db:
        imports.import_file(db, ruth, file_name="x.csv", data=DONORS, today=now.date(), now=now)
    button(page, "Import 3 donors").click().run()
    assert "The data changed since you looked" in words(page)
    assert "in this file is here already" in words(page)


def test_big_file_is_handed_to_the_worker_and_shows_progress(ruth, monkeypatch):
    monkeypatch.setattr(imports, "BIG", 2)
    page = upload(screen(ruth), DONORS)
    button(page, "Import 3 donors").click().run()
    assert not page.exception
    with transaction() as db:
        run = imports.history(db, ruth)[0]
    assert run.state == "queued"
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert imports.run_queued(run.id, today=now.date(), now=now) == f"Import {run.id} is done."
    assert "Done" in words(screen(ruth))


def test_coach_is_refused_with_a_sentence(database):
    with transaction() as db:
        coach = factories.person(db, role=Role.COACH)
    assert "Your role does not allow this" in words(upload(screen(coach), DONORS)).replace(
        "\\", ""
    )


def test_an_unknown_word_is_asked_about_and_then_comes_in(ruth):
    data = b"Full name,Status\nAnn Lee,Friend\nBo Ek,Friend\nCy Vane,donor\n"
    page = upload(screen(ruth), data)
    assert "1 word of the file we do not know" in [one.label for one in page.expander]
    assert any(one.label == "Import 1 donor" for one in page.button)
    asked = next(one for one in page.selectbox if one.label == "Status: Friend")
    asked.set_value("donor").run()
    assert not page.exception
    button(page, "Import 3 donors").click().run()
    assert not page.exception
    again = upload(screen(ruth), data.replace(b"Bo Ek", b"Di Orr"))
    assert next(one for one in again.selectbox if one.label == "Status: Friend").value == "donor"


def test_a_field_of_a_donor_is_kept_or_replaced_as_chosen(ruth):
    with transaction() as db:
        factories.donor(
            db,
            ruth,
            "Ann Lee",
            email="ann@lee.example",
            notes="Mine",
            first_name="Ann",
            last_name="Lee",
        )
    page = upload(screen(ruth), b"Full name,Email,Notes\nAnn Lee,ann@lee.example,Theirs\n")
    assert "in this file is here already" in words(page)
    assert "Donors who are here already" in [one.label for one in page.expander]
    notes = next(one for one in page.selectbox if (one.key or "").endswith("_policy_notes"))
    assert notes.value == "fill"
    notes.set_value("overwrite").run()
    assert not page.exception
    button(page, "Import 1 donor").click().run()
    assert not page.exception
    with transaction() as db:
        assert db.scalar(text("select notes from donor")) == "Theirs"


def test_a_column_of_pledges_is_left_as_chosen_and_named(ruth):
    with transaction() as db:
        donor = factories.donor(db, ruth, "Ann Lee", email="ann@lee.example")
        factories.pledge(
            db, donor, "30", external_id="P1", source="file", anchor_day=5, grace_days=7
        )
    data = (
        b"id,donor_email,amount,frequency,start_date,anchor_day,grace_days\n"
        b"P1,ann@lee.example,30,monthly,2026-01-01,20,7\n"
    )
    page = upload(screen(ruth), data)
    assert "Pledges that are here already" in [one.label for one in page.expander]
    day = next(one for one in page.selectbox if (one.key or "").endswith("_policy_pledge_day"))
    assert (day.label, day.value) == ("Day of the month", "overwrite")
    assert "as you chose" not in words(page)
    day.set_value("keep").run()
    assert not page.exception
    assert "Left as it is here, as you chose: day of the month (1 pledge)." in words(page)
    (table,) = [one.value for one in page.dataframe if "Column" in one.value.columns]
    assert table[["Column", "Here now", "After the import"]].to_numpy().tolist() == [
        ["Day of the month", "5", "left as it is here"]
    ]


def test_a_file_like_an_earlier_one_says_what_moved(ruth):
    page = upload(screen(ruth), b"Giver,Colour,Fax\nAnn Lee,red,1\n")
    next(one for one in page.selectbox if one.label.startswith("Giver")).select("name").run()
    button(page, "Import 1 donor").click().run()
    again = upload(screen(ruth), b"Colour,Giver,Fax,Shoe\nred,Bo Ek,2,44\n", "new.csv")
    assert "Like **file\\.csv**" in words(again)
    assert "New: Shoe." in words(again)
    assert "Some columns have changed places." in words(again)
    giver = next(one for one in again.selectbox if one.label.startswith("Giver"))
    assert giver.value == "name"
    again.selectbox(
        key=next(one.key for one in again.selectbox if (one.key or "").endswith("_as_in"))
    ).select("fresh").run()
    assert not again.exception


def test_a_file_is_read_in_another_way(ruth):
    data = "Full name;Mail\nŁucja Żółw;l@z.example\n".encode("cp1250")
    page = upload(screen(ruth), data)
    assert "Łucja" not in words(page)
    letters = next(one for one in page.selectbox if one.label == "Letters (encoding)")
    letters.select("cp1250").run()
    assert not page.exception
    assert "Łucja Żółw" in words(page).replace("\\", "")
    button(page, "Import 1 donor").click().run()
    with transaction() as db:
        assert db.scalar(text("select name from donor")) == "Łucja Żółw"


def test_a_file_that_cannot_be_read_still_offers_another_way(ruth):
    page = upload(screen(ruth), b"name;email\nAnn Lee;a@l.example\n")
    letters = next(one for one in page.selectbox if one.label == "Letters (encoding)")
    letters.select("utf-16-le").run()
    assert not page.exception
    letters = next(one for one in page.selectbox if one.label == "Letters (encoding)")
    letters.select(None).run()
    assert any(one.label == "Import 1 donor" for one in page.button)
