"""Overrides of encoding, separator and header row: in the layout, the preview and the commit."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Unpack

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.kit.errors import InvalidError
from tests.integration.imports.test_service import ruth
from tests.values import ImportChoices

__all__ = ["ruth"]
# the bytes are valid in cp1252, too
POLISH = "name;email\nŁucja Żółw;l@z.example\nPiotr Gęś;p@g.example\n".encode("cp1250")
# "Kőszegi" or "Kõszegi": nothing else in the file settles it
UNSURE = "name;email\nLujza Kőszegi;l@k.example\n".encode("cp1250")
HIDDEN = b"""Spring list
Year|2026
When|Who|Amount
Name|Mail|Sum
Ann Lee|a@l.example|5
Bo Ek|b@e.example|6
"""


@pytest.fixture
def bring(db: Session, ruth: Actor, today: date, now: datetime) -> Callable[..., imports.Preview]:
    def bring(data: bytes, **options: Unpack[ImportChoices]) -> imports.Preview:
        preview = imports.preview(
            db, ruth, imports.ImportRequest("f.csv", data, **options), today=today
        )
        imports.commit(
            db, ruth, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
        )
        return preview

    return bring


def names(db: Session) -> list[str]:
    return list(db.scalars(text("select name from donor order by id")))


def test_a_chosen_encoding_is_used_for_layout_commit_and_rerun(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    detected = imports.inspect_file(db, ruth, data=POLISH, reading={"encoding": "cp1252"})
    assert detected.samples[0][0] != "Łucja Żółw"
    reading = {"encoding": "cp1250"}
    layout = imports.inspect_file(db, ruth, data=POLISH, reading=reading)
    assert layout.samples[0][0] == "Łucja Żółw"
    assert (layout.detected.encoding, layout.detected.separator, layout.detected.header) == (
        "cp1250",
        ";",
        1,
    )
    preview = bring(POLISH, reading=reading)
    assert names(db) == ["Łucja Żółw", "Piotr Gęś"]
    # the stored file is read with the same encoding
    again = imports.preview_again(db, ruth, run_id=preview.run_id, today=current_date(db))
    assert (again.plan.main.create, again.plan.main.skip) == (0, 2)


def test_an_encoding_is_recognised_from_few_names(db: Session, ruth: Actor) -> None:
    layout = imports.inspect_file(db, ruth, data=POLISH)
    assert layout.samples[0] == ("Łucja Żółw", "Piotr Gęś")
    assert layout.detected.encoding == "cp1250"


def test_an_unsure_encoding_is_asked_with_samples(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    with pytest.raises(imports.UndecidedError, match=r"Windows-1250.*“Kőszegi”") as asked:
        imports.inspect_file(db, ruth, data=UNSURE)
    with pytest.raises(imports.UndecidedError):
        bring(UNSURE)
    assert asked.value.question == "encoding"
    assert dict(zip(asked.value.choices, asked.value.samples, strict=True)) == {
        "cp1252": "Kõszegi",
        "cp1250": "Kőszegi",
    }
    bring(UNSURE, reading={"encoding": "cp1250"})
    assert names(db) == ["Lujza Kőszegi"]


def test_a_plan_says_what_was_assumed(bring: Callable[..., imports.Preview]) -> None:
    preview = bring(b'name,email,notes\nAnn Lee,a@l.example,"a 5\nBo Ek,b@e.example,b\n')
    assert preview.plan.main.create == 2
    first = imports.as_json(preview.plan)["assumed"][0]
    assert first.startswith("A quotation mark is not closed in row 2.")


def test_an_encoding_may_be_named_as_elsewhere(db: Session, ruth: Actor) -> None:
    data = "name,email\n井上陽介,i@y.example\n".encode("cp932")
    layout = imports.inspect_file(db, ruth, data=data, reading={"encoding": "Shift-JIS"})
    assert (layout.samples[0], layout.detected.encoding) == (("井上陽介",), "cp932")


def current_date(db: Session) -> date:
    answer: date = db.scalar(text("select current_date"))
    return answer


def test_the_header_row_can_be_chosen(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    layout = imports.inspect_file(db, ruth, data=HIDDEN, reading={"header": 4})
    assert layout.first_rows[3] == ("Name", "Mail", "Sum")
    assert layout.columns == ("Name", "Mail", "Sum")
    assert layout.rows == 2
    mapping = {"Name": "name", "Mail": "email"}
    bring(HIDDEN, reading={"header": 4}, kind="donors", mapping=mapping)
    assert names(db) == ["Ann Lee", "Bo Ek"]


def test_a_file_may_have_no_header(db: Session, ruth: Actor) -> None:
    data = b"Ann Lee,a@l.example\nBo Ek,b@e.example\n"
    layout = imports.inspect_file(db, ruth, data=data, reading={"header": 0})
    assert layout.columns == ("Column 1", "Column 2")
    assert layout.rows == 2


def test_the_separator_can_be_chosen(db: Session, ruth: Actor) -> None:
    data = b"Name;Note,with;Sum\nAnn;a,b;5\nBo;c,d;6\n"
    layout = imports.inspect_file(db, ruth, data=data, reading={"separator": ","})
    assert layout.columns == ("Name;Note", "with;Sum")
    assert imports.inspect_file(db, ruth, data=data).columns == ("Name", "Note,with", "Sum")


def test_rows_that_stayed_out_are_written_as_they_were_read(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    data = "name;email;kind\nŁucja Żółw;no address;robot\n".encode("cp1250")
    seen = bring(data, reading={"encoding": "cp1250"})
    mend = imports.error_file(db, ruth, run_id=seen.run_id).decode("utf-8-sig")
    assert "Łucja Żółw" in mend
    # what is said of the other cells of such a row stands in the same place
    assert "“no address” is not an e-mail address. The cell is left empty." in mend


@pytest.mark.parametrize(
    ("reading", "message"),
    [
        ({"encoding": "rot13"}, "There is no encoding rot13"),
        ({"encoding": "utf-8"}, "letters are not of that encoding"),
        ({"separator": "x"}, "a comma, a semicolon, a tab or a bar"),
        ({"header": 99}, "one of the first 40 rows"),
        ({"header": -1}, "one of the first 40 rows"),
        ({"header": True}, "one of the first 40 rows"),
        ({"header": 12}, "has no row 12"),
        ({"sheet": ""}, "chosen by its name"),
        ({"colour": "red"}, "one of the first 40 rows"),
    ],
)
def test_invalid_read_options_are_refused(
    db: Session, ruth: Actor, reading: dict[str, str | int], message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        imports.inspect_file(db, ruth, data=POLISH, reading=reading)


def test_the_rows_of_a_chosen_sheet_are_imported(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    from tests.unit.file_reader.test_workbook import book  # noqa: PLC0415

    data = book(
        {
            "Friends": [["Name", "Email"], ["Ann Lee", "a@l.example"]],
            "Partners": [["Name", "Email"], ["Bo Ek", "b@e.example"], ["", "c@f.example"]],
        }
    )
    layout = imports.inspect_file(db, ruth, data=data)
    assert (layout.detected.sheet, layout.sheets) == ("Friends", ("Friends", "Partners"))
    preview = bring(data, reading={"sheet": "Partners"})
    assert "Bo Ek" in names(db)
    assert "Ann Lee" not in names(db)
    assert "c@f.example" in imports.error_file(db, ruth, run_id=preview.run_id).decode("utf-8-sig")


def test_a_workbook_takes_a_header_row_and_ignores_the_encoding(db: Session, ruth: Actor) -> None:
    from tests.unit.file_reader.test_workbook import book  # noqa: PLC0415

    data = book({"People": [["Spring"], ["Name", "Mail"], ["Ann Lee", "a@l.example"]]})
    layout = imports.inspect_file(db, ruth, data=data, reading={"header": 2, "encoding": "cp1250"})
    assert layout.columns == ("Name", "Mail")
