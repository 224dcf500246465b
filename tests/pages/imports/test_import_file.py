"""Screen for importing a file: recognition, questions, preview, import, undo, refusals."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import BlockList, Button, Expander, Selectbox, WidgetList

from app import imports
from app.accounts import Actor, Role
from app.db import transaction_for_system
from tests import factories

PAGE = Path(__file__).parents[3] / "pages" / "import_file.py"
CSV = Path(__file__).parents[2] / "fixtures" / "csv"
DONORS = (CSV / "entities.csv").read_bytes()


@pytest.fixture
def ruth(database: URL) -> Actor:
    with transaction_for_system() as db:
        factories.organisation(db)
        return factories.person(db, role="fundraiser", name="Ruth")


def screen(actor: Actor) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=180)
    page.session_state["actor"] = actor
    return page.run()


def upload(page: AppTest, data: bytes, name: str = "file.csv") -> AppTest:
    page.file_uploader[0].set_value((name, data, "text/csv"))
    page.run()
    assert not page.exception
    return page


def shown_text(page: AppTest) -> str:
    kinds = ("markdown", "caption", "success", "info", "warning", "error", "subheader")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(page, kind))


def button(page: AppTest, label: str) -> Button:
    return next(button for button in page.button if button.label == label)


def selectbox(page: AppTest, label: str) -> Selectbox[object]:
    return next(box for box in page.selectbox if box.label.startswith(label))


def labels(
    elements: BlockList[Expander] | WidgetList[Button] | WidgetList[Selectbox[object]],
) -> list[str]:
    return [element.label for element in elements]


def test_the_screen_without_imports_says_so(ruth: Actor) -> None:
    page = screen(ruth)
    assert not page.exception
    assert "Nothing was imported yet" in shown_text(page)


def test_a_known_format_is_recognised_previewed_imported_and_undone(ruth: Actor) -> None:
    page = upload(screen(ruth), DONORS)
    assert "Recognised as Entities" in shown_text(page)
    assert [metric.value for metric in page.metric] == ["3", "0", "0", "1"]
    assert "1 row will not be imported" in shown_text(page)
    button(page, "Import 3 donors").click().run()
    assert not page.exception
    assert "3 new" in shown_text(page)
    assert "Done" in shown_text(page)
    button(page, "Undo").click().run()
    button(page, "Undo import").click().run()
    assert "The import is undone" in shown_text(page)
    with transaction_for_system() as db:
        assert [run.state for run in imports.history(db, ruth)] == ["undone"]


def test_the_same_file_again_offers_no_import(ruth: Actor) -> None:
    page = upload(screen(ruth), DONORS)
    button(page, "Import 3 donors").click().run()
    page = upload(screen(ruth), DONORS)
    assert "in this file is here already" in shown_text(page)
    assert [button.key for button in page.button if button.label.startswith("Import")] == [
        "again_1"
    ]


def test_an_unknown_format_is_mapped_and_the_date_order_asked(ruth: Actor) -> None:
    data = b"Who,Mail,Gift Amount,Gift Date\nPim Oak,pim@oak.example,10,03/04/2024\n"
    page = upload(screen(ruth), data)
    assert "We do not know this format" in shown_text(page)
    selectbox(page, "Who").select("name").run()
    assert "can be read as day or month first" in shown_text(page)
    page.session_state["import_date_order"] = "dmy"
    page.run()
    assert not page.exception
    assert "on 3 Apr 2024" in shown_text(page)
    button(page, "Import 1 gift and 1 donor").click().run()
    assert not page.exception
    assert "1 new" in shown_text(page)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b" ", "The file is empty", id="empty"),
        pytest.param(b"PK\x03\x04....", "damaged", id="xlsx"),
        pytest.param(b"a,b\n", "no rows under it", id="header only"),
    ],
)
def test_an_unreadable_file_is_refused_with_the_reason(
    ruth: Actor, data: bytes, sentence: str
) -> None:
    assert sentence.replace(".", "\\.") in shown_text(upload(screen(ruth), data))


def test_a_change_of_the_data_after_the_preview_shows_the_new_plan(ruth: Actor) -> None:
    page = upload(screen(ruth), DONORS)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with transaction_for_system() as db:
        imports.import_file(
            db, ruth, imports.ImportRequest("x.csv", DONORS), today=now.date(), now=now
        )
    button(page, "Import 3 donors").click().run()
    assert "The data changed since you looked" in shown_text(page)
    assert "in this file is here already" in shown_text(page)


def test_a_big_file_is_queued_for_the_worker(ruth: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BIG_IMPORT_ROWS", 2)
    page = upload(screen(ruth), DONORS)
    button(page, "Import 3 donors").click().run()
    assert not page.exception
    with transaction_for_system() as db:
        run = imports.history(db, ruth)[0]
    assert run.state == "queued"
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert imports.run_queued(run.id, today=now.date(), now=now) == f"Import {run.id} is done."
    assert "Done" in shown_text(screen(ruth))


def test_a_coach_may_not_import(database: URL) -> None:
    with transaction_for_system() as db:
        coach = factories.person(db, role=Role.COACH)
    assert "Your role does not allow this" in shown_text(upload(screen(coach), DONORS)).replace(
        "\\", ""
    )


def test_the_meaning_of_an_unknown_value_is_asked_and_saved(ruth: Actor) -> None:
    data = b"Full name,Status\nAnn Lee,Friend\nBo Ek,Friend\nCy Vane,donor\n"
    page = upload(screen(ruth), data)
    assert "1 word of the file we do not know" in labels(page.expander)
    assert "Import 1 donor" in labels(page.button)
    selectbox(page, "Status: Friend").set_value("donor").run()
    assert not page.exception
    button(page, "Import 3 donors").click().run()
    assert not page.exception
    page = upload(screen(ruth), data.replace(b"Bo Ek", b"Di Orr"))
    assert selectbox(page, "Status: Friend").value == "donor"


def test_the_policy_of_a_donor_field_can_be_chosen(ruth: Actor) -> None:
    with transaction_for_system() as db:
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
    assert "in this file is here already" in shown_text(page)
    assert "Donors who are here already" in labels(page.expander)
    notes = next(box for box in page.selectbox if (box.key or "").endswith("_policy_notes"))
    assert notes.value == "fill"
    notes.set_value("overwrite").run()
    assert not page.exception
    button(page, "Import 1 donor").click().run()
    assert not page.exception
    with transaction_for_system() as db:
        assert db.scalar(text("select notes from donor")) == "Theirs"


def test_the_policy_of_a_pledge_field_can_be_chosen(ruth: Actor) -> None:
    with transaction_for_system() as db:
        donor = factories.donor(db, ruth, "Ann Lee", email="ann@lee.example")
        factories.pledge(
            db, donor, "30", external_id="P1", source="file", anchor_day=5, grace_days=7
        )
    data = (
        b"id,donor_email,amount,frequency,start_date,anchor_day,grace_days\n"
        b"P1,ann@lee.example,30,monthly,2026-01-01,20,7\n"
    )
    page = upload(screen(ruth), data)
    assert "Pledges that are here already" in labels(page.expander)
    day = next(box for box in page.selectbox if (box.key or "").endswith("_policy_pledge_day"))
    assert (day.label, day.value) == ("Day of the month", "overwrite")
    assert "as you chose" not in shown_text(page)
    day.set_value("keep").run()
    assert not page.exception
    assert "Left as it is here, as you chose: day of the month (1 pledge)." in shown_text(page)
    (table,) = [frame.value for frame in page.dataframe if "Column" in frame.value.columns]
    assert table[["Column", "Here now", "After the import"]].to_numpy().tolist() == [
        ["Day of the month", "5", "left as it is here"]
    ]


def test_a_file_like_an_earlier_one_names_the_changed_columns(ruth: Actor) -> None:
    page = upload(screen(ruth), b"Giver,Colour,Fax\nAnn Lee,red,1\n")
    selectbox(page, "Giver").select("name").run()
    button(page, "Import 1 donor").click().run()
    page = upload(screen(ruth), b"Colour,Giver,Fax,Shoe\nred,Bo Ek,2,44\n", "new.csv")
    assert "Like **file\\.csv**" in shown_text(page)
    assert "New: Shoe." in shown_text(page)
    assert "Some columns have changed places." in shown_text(page)
    assert selectbox(page, "Giver").value == "name"
    version = next(box for box in page.selectbox if (box.key or "").endswith("_as_in"))
    version.select("fresh").run()
    assert not page.exception


def test_the_encoding_can_be_chosen(ruth: Actor) -> None:
    data = "Full name;Mail\nŁucja Żółw;l@z.example\n".encode("cp1250")
    page = upload(screen(ruth), data)
    selectbox(page, "Letters (encoding)").select("cp1252").run()
    assert "Łucja" not in shown_text(page)
    selectbox(page, "Letters (encoding)").select("cp1250").run()
    assert not page.exception
    assert "Łucja Żółw" in shown_text(page).replace("\\", "")
    button(page, "Import 1 donor").click().run()
    with transaction_for_system() as db:
        assert db.scalar(text("select name from donor")) == "Łucja Żółw"


def test_the_sheet_of_a_workbook_can_be_chosen(ruth: Actor) -> None:
    from tests.unit.file_reader.test_workbook import book  # noqa: PLC0415

    data = book(
        {
            "Friends": [["Name", "Email"], ["Ann Lee", "a@l.example"]],
            "Partners": [["Name", "Email"], ["Bo Ek", "b@e.example"], ["Di Gu", "d@g.example"]],
        }
    )
    page = upload(screen(ruth), data, "people.xlsx")
    assert "The sheet “Friends” was read" in shown_text(page)
    assert "Import 1 donor" in labels(page.button)
    selectbox(page, "Sheet").select("Partners").run()
    assert not page.exception
    assert "Import 2 donors" in labels(page.button)


def test_what_was_assumed_is_shown(ruth: Actor) -> None:
    data = b'name,email,notes\nAnn Lee,a@l.example,"a 5\nBo Ek,b@e.example,b\n'
    page = upload(screen(ruth), data)
    assert "A quotation mark is not closed in row 2" in shown_text(page)
    assert "Import 2 donors" in labels(page.button)


def test_an_unsure_encoding_is_asked_on_the_screen(ruth: Actor) -> None:
    page = upload(screen(ruth), "name;email\nLujza Kőszegi;l@k.example\n".encode("cp1250"))
    assert "several ways" in shown_text(page)
    choice = next(radio for radio in page.radio if radio.label == "Which is right?")
    assert choice.options == [
        "Kõszegi (Windows-1252, Western Europe)",
        "Kőszegi (Windows-1250, Central Europe)",
    ]
    choice.set_value("cp1250").run()
    assert not page.exception
    assert "Lujza Kőszegi" in shown_text(page)
    assert "Import 1 donor" in labels(page.button)


def test_the_encoding_can_be_chosen_after_the_file_could_not_be_read(ruth: Actor) -> None:
    page = upload(screen(ruth), b"name;email\nAnn Lee;a@l.example\n")
    selectbox(page, "Letters (encoding)").select("utf-16-le").run()
    assert not page.exception
    selectbox(page, "Letters (encoding)").select(None).run()
    assert "Import 1 donor" in labels(page.button)


def test_a_question_about_a_donor_shows_both_sides_and_notes_are_listed(ruth: Actor) -> None:
    with transaction_for_system() as db:
        ada = factories.donor(db, ruth, "Ada Stone", email="home@x.example")
        factories.gift(db, ada, "25", datetime(2026, 1, 5, tzinfo=UTC).date())
    data = b"Name,E-mail,Phone\nBen|Stone,home@x.example,555-0100\nIvy Oak,ivy at home,\n"
    page = upload(screen(ruth), data)
    table = next(each.value for each in page.markdown if "Here already" in each.value)
    lines = table.splitlines()
    assert lines[0] == "|  | Row 2 of the file | Here already |"
    assert lines[2] == r"| Name | Ben\|Stone | Ada Stone |"
    assert lines[4] == r"| Phone | 555\-0100 |  |"
    assert lines[5].startswith("| Gifts |  | 1\\, the last on")
    assert "1 note on rows that are imported" in labels(page.expander)
    button(page, "Import 1 donor").click().run()
    assert "1 note on rows that are imported" in labels(page.expander)


def test_the_cell_stands_beside_the_reason(ruth: Actor) -> None:
    data = (
        b"name,email,amount,gift_date,note\nAnn *Lee*,ann@lee.example,1*0*,2026-01-05,\n"
        b"Bo Ek,bo at ek,20,2026-01-06,\n"
    )
    page = upload(screen(ruth), data)
    refused, notes = (table.value for table in page.table)
    assert refused.columns.tolist() == ["Row", "Column", "Cell", "Why"]
    assert refused.to_numpy().tolist() == [
        ["2", "amount", r"1\*0\*", r"“1\*0\*” is not an amount\."],
    ]
    assert notes.to_numpy()[0].tolist()[:3] == ["3", "email", "bo at ek"]
    button(page, "Import 1 gift and 1 donor").click().run()
    (notes,) = (table.value for table in page.table)
    assert notes.to_numpy()[0].tolist()[:3] == ["3", "email", "bo at ek"]


def test_the_order_is_questions_figures_rows_choices_button(ruth: Actor) -> None:
    with transaction_for_system() as db:
        factories.donor(db, ruth, "Robert Mill", email="rob@mill.example")
        factories.donor(
            db, ruth, "Ada Stone", email="home@stone.example", first_name="Ada", last_name="Stone"
        )
    data = (
        b"name,email,amount,gift_date,currency\nRoberta Mill,,10,2026-01-05,USD\n"
        b"Ben Stone,home@stone.example,20,2026-02-05,USD\nDi Gu,,ten,2026-02-05,USD\n"
    )
    page = upload(screen(ruth), data)
    assert [str(each.value) for each in page.subheader] == [
        "Questions about this file",
        "Check the figures",
        "2 rows will not be imported",
        "Choices",
        "Earlier imports",
        "Saved mappings",
    ]
    assert (
        "3 gifts in the file\\; without the 2 not imported\\: \\$10\\.00\\, on 5 Jan\\."
        in shown_text(page)
    )
    # nothing is chosen for anybody, and what happens without an answer is said before the button
    for row in ("Row 2", "Row 3"):
        assert selectbox(page, row).value == ""
    said = "Not answered: 1 row with a name like a donor's is imported as a new person."
    assert said in shown_text(page)
    selectbox(page, "Row 2").set_value("new").run()
    assert said not in shown_text(page)


def test_a_file_of_donors_with_money_in_it_asks_what_its_rows_are(ruth: Actor) -> None:
    data = (
        b"Who,When it came,How much,Mail\nAda Stone,2026-10-05,50.00,ada@stone.example\n"
        b"Bo Ek,2026-10-06,25.00,bo@ek.example\n"
    )
    page = upload(screen(ruth), data)
    assert "\u201cHow much\u201d would be left aside" in shown_text(page)
    assert selectbox(page, "What does the file hold").value is None
    assert not [each for each in page.button if each.label.startswith("Import ")]
    page = selectbox(page, "What does the file hold").select("gifts").run()
    assert not page.exception
    assert "would be left aside" not in shown_text(page)
    assert button(page, "Import 2 gifts and 2 donors")


@pytest.mark.parametrize("role", ["fundraiser", "admin"])
def test_gifts_without_an_exchange_rate_are_named_before_and_after(
    database: URL, role: str
) -> None:
    with transaction_for_system() as db:
        factories.organisation(db)
        actor = factories.person(db, role=role)
    rows = ("Ann Lee,CHF 10,2026-01-05", "Bo Ek,CHF 20,2026-01-06", "Cy Fox,30,2026-01-06")
    data = "\n".join(["Name,Amount,Date", *rows]).encode()
    page = upload(screen(actor), data)
    sentence = (
        "2 gifts in CHF wait for an exchange rate. Sums include imported gifts once there is a "
        "rate."
    )
    assert sentence in shown_text(page)
    assert [metric.value for metric in page.metric] == ["3", "0", "0", "0"]
    button(page, "Import 3 gifts and 3 donors").click().run()
    assert not page.exception
    assert "3 new" in shown_text(page)
    assert sentence in shown_text(page)
    assert ("An administrator can add the rates." in shown_text(page)) == (role != "admin")
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from gift where awaiting_rate")) == 2
