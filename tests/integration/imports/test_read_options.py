"""A file read as a person says: its letters, its separator, its header; the same at the commit."""

import pytest
from sqlalchemy import text

from app import imports
from app.kit.errors import InvalidError
from tests.integration.imports.test_service import ruth

__all__ = ["ruth"]
# in Central European letters; Western ones fit the same bytes
POLISH = "name;email\nŁucja Żółw;l@z.example\nPiotr Gęś;p@g.example\n".encode("cp1250")
HIDDEN = b"""Spring list
Year|2026
When|Who|Amount
Name|Mail|Sum
Ann Lee|a@l.example|5
Bo Ek|b@e.example|6
"""


@pytest.fixture
def bring(db, ruth, today, now):
    def bring(data, **how):
        seen = imports.preview(db, ruth, file_name="f.csv", data=data, today=today, **how)
        imports.commit(
            db, ruth, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now
        )
        return seen

    return bring


def names(db):
    return list(db.scalars(text("select name from donor order by id")))


def test_letters_wrongly_guessed_are_put_right_and_stay_so_at_the_commit(db, ruth, bring):
    guessed = imports.look(db, ruth, data=POLISH)
    assert guessed.samples[0][0] != "Łucja Żółw"
    said = {"encoding": "cp1250"}
    looked = imports.look(db, ruth, data=POLISH, reading=said)
    assert looked.samples[0][0] == "Łucja Żółw"
    assert (looked.found.encoding, looked.found.separator, looked.found.header) == (
        "cp1250",
        ";",
        1,
    )
    seen = bring(POLISH, reading=said)
    assert names(db) == ["Łucja Żółw", "Piotr Gęś"]
    # the kept file is read in the same way again
    again = imports.preview_again(db, ruth, run_id=seen.run_id, today=seen_day(db))
    assert (again.plan.main.create, again.plan.main.skip) == (0, 2)


def seen_day(db):
    return db.scalar(text("select current_date"))


def test_the_header_is_the_row_one_says(db, ruth, bring):
    looked = imports.look(db, ruth, data=HIDDEN, reading={"header": 4})
    assert looked.first_rows[3] == ("Name", "Mail", "Sum")
    assert looked.columns == ("Name", "Mail", "Sum")
    assert looked.rows == 2
    mapping = {"Name": "name", "Mail": "email"}
    bring(HIDDEN, reading={"header": 4}, kind="donors", mapping=mapping)
    assert names(db) == ["Ann Lee", "Bo Ek"]


def test_there_may_be_no_header(db, ruth):
    data = b"Ann Lee,a@l.example\nBo Ek,b@e.example\n"
    looked = imports.look(db, ruth, data=data, reading={"header": 0})
    assert looked.columns == ("Column 1", "Column 2")
    assert looked.rows == 2


def test_the_separator_is_the_one_one_says(db, ruth):
    data = b"Name;Note,with;Sum\nAnn;a,b;5\nBo;c,d;6\n"
    looked = imports.look(db, ruth, data=data, reading={"separator": ","})
    assert looked.columns == ("Name;Note", "with;Sum")
    assert imports.look(db, ruth, data=data).columns == ("Name", "Note,with", "Sum")


def test_rows_that_stayed_out_are_written_as_they_were_read(db, ruth, bring):
    data = "name;email\nŁucja Żółw;no address\n".encode("cp1250")
    seen = bring(data, reading={"encoding": "cp1250"})
    mend = imports.error_file(db, ruth, run_id=seen.run_id).decode("utf-8-sig")
    assert "Łucja Żółw" in mend


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"encoding": "rot13"}, "There is no encoding rot13"),
        ({"encoding": "utf-8"}, "letters are not of that encoding"),
        ({"separator": "x"}, "a comma, a semicolon, a tab or a bar"),
        ({"header": 99}, "one of the first 40 rows"),
        ({"header": -1}, "one of the first 40 rows"),
        ({"header": True}, "one of the first 40 rows"),
        ({"header": 12}, "has no row 12"),
        ({"colour": "red"}, "one of the first 40 rows"),
    ],
)
def test_what_cannot_be_is_a_sentence(db, ruth, wrong, said):
    with pytest.raises(InvalidError, match=said):
        imports.look(db, ruth, data=POLISH, reading=wrong)


def test_a_workbook_takes_a_header_and_ignores_letters(db, ruth):
    from tests.unit.test_workbook import book  # noqa: PLC0415

    data = book({"People": [["Spring"], ["Name", "Mail"], ["Ann Lee", "a@l.example"]]})
    looked = imports.look(db, ruth, data=data, reading={"header": 2, "encoding": "cp1250"})
    assert looked.columns == ("Name", "Mail")
