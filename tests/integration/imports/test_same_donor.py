"""Rows that mean one donor: known by an e-mail, sharing an address, twice in a file; undone."""

from collections.abc import Callable
from datetime import date, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text

from app import imports
from app.accounts import Actor
from app.db import Session
from tests import factories as make
from tests.integration.imports.test_service import dump, ruth

__all__ = ["ruth"]
HEAD = "Name,E-mail,Phone,Street,City,Tags,Notes,Deceased\n"
Bring = Callable[..., imports.Preview]


@pytest.fixture
def bring(db: Session, ruth: Actor, today: date, now: datetime) -> Bring:
    def bring(data: str, **options: object) -> imports.Preview:
        request = imports.ImportRequest("f.csv", data.encode(), **options)  # type: ignore[arg-type]
        return imports.import_file(db, ruth, request, today=today, now=now)

    return bring


def donors(db: Session) -> list[tuple[str, str, str | None, str | None]]:
    rows = db.execute(text("select name, kind, first_name, last_name from donor order by id"))
    return [tuple(row) for row in rows]


def notes(preview: imports.Preview) -> list[tuple[int, str]]:
    shown = imports.as_json(preview.plan)["notes"]
    return [(note["row"], note["reason"]) for note in shown]


def counts(preview: imports.Preview) -> tuple[int, int, int, int, int]:
    main = preview.plan.main
    assert main.rows == main.create + main.update + main.skip + main.conflict + main.error
    return main.create, main.update, main.skip, main.conflict, main.error


@pytest.mark.parametrize("known_as", ["ada@x.example", "ADA@x.example", "ada"])
def test_a_donor_known_by_an_email_alone_takes_the_name_of_a_later_file(
    db: Session, bring: Bring, ruth: Actor, now: datetime, known_as: str
) -> None:
    bring(f"{HEAD}{known_as},ada@x.example,,,,,,\n")
    before = dump(db)
    named = bring('Name,E-mail\n"Ms. Beatrix van Stone",ada@x.example\n')
    assert donors(db) == [("Ms. Beatrix van Stone", "person", "Beatrix", "van Stone")]
    assert counts(named) == (0, 1, 0, 0, 0)
    said = "The donor was known by the e-mail alone, as “{}”, and takes the name of this row."
    assert notes(named) == [(2, said.format(known_as))]
    assert imports.undo(db, ruth, run_id=named.run_id, now=now).kept == ()
    assert dump(db) == before


def test_a_donor_known_by_an_email_alone_becomes_an_organisation(
    db: Session, bring: Bring
) -> None:
    bring(f"{HEAD}info@acme.example,info@acme.example,,,,,,\n")
    bring("Company,E-mail\nAcme,info@acme.example\n")
    assert donors(db) == [("Acme", "organisation", None, None)]


def test_a_name_is_kept_when_the_choice_is_to_keep_names(db: Session, bring: Bring) -> None:
    bring(f"{HEAD}ada@x.example,ada@x.example,,,,,,\n")
    kept = bring("Name,E-mail\nAda Stone,ada@x.example\n", policies={"name": "keep"})
    assert donors(db)[0][0] == "ada@x.example"
    assert notes(kept) == []


def test_a_row_known_by_an_email_alone_takes_no_name_away(db: Session, bring: Bring) -> None:
    bring("Name,E-mail\nBob Stone,rs@x.example\n")
    again = bring(
        "Name,E-mail,Phone\nrs@x.example,rs@x.example,555-0100\n", policies={"name": "overwrite"}
    )
    assert counts(again) == (0, 1, 0, 0, 0)
    assert donors(db) == [("Bob Stone", "person", "Bob", "Stone")]


def test_two_names_on_one_address_are_two_donors_with_a_note(db: Session, bring: Bring) -> None:
    file = "First Name,Last Name,Email\nAda,Stone,home@x.example\nBen,Stone,home@x.example\n"
    first = bring(file)
    assert [donor[0] for donor in donors(db)] == ["Ada Stone", "Ben Stone"]
    assert notes(first) == [(3, "Row 2 has the same e-mail with another name.")]
    assert counts(bring(file)) == (0, 0, 2, 0, 0)
    # a file of another layout finds each of the two by the name
    assert counts(bring("Name,E-mail\nBen Stone,home@x.example\n")) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("stored", "row", "asked"),
    [
        ("Ada Stone", "Ben Stone", True),
        ("Ada Stone", "A. Stone", False),
        ("Ada Stone", "Stone, Ada Maria", False),
        ("Ada Stone", "Dr. Ada Wood", False),
        ("Ada Stone", "Ada & Ben Stone", False),
        ("Tom and Ana Reed", "Ana Reed", False),
        ("Tom and Ana Reed", "Jo Reed", True),
        ("Mr. and Mrs. Fox", "Bob and Jo Hill", True),
        ("Jane Wood, PhD", "Jane Wood", False),
        ("Acme Foundation", "Bob Hill", True),
    ],
)
def test_another_name_on_a_known_address_is_a_question(
    bring: Bring, stored: str, row: str, asked: bool
) -> None:
    bring(f'Name,E-mail\n"{stored}",home@x.example\n')
    second = bring(f'Name,E-mail\n"{row}",home@x.example\n')
    assert [question.kind for question in second.people] == (["email_name"] if asked else [])
    assert second.plan.main.conflict == int(asked)


def test_a_second_row_of_a_person_fills_what_the_first_lacks(
    db: Session, bring: Bring, ruth: Actor, now: datetime
) -> None:
    before = dump(db)
    file = HEAD + (
        "Ada Stone,ada@x.example,,1 Elm St,Troy,friend,,\n"
        "Ada Stone,ada@x.example,555-0100,2 Oak St,Rome,friend;board,met her,yes\n"
        "Ada Stone,ada@x.example,555-0199,,,,met him,\n"
    )
    seen = bring(file)
    assert counts(seen) == (1, 0, 2, 0, 0)
    assert notes(seen) == [
        (3, "The same person as row 2. Added from this row: deceased, notes, phone, tags."),
        (
            3,
            "The same person as row 2, which has other values. Left out of this row: address.",
        ),
        (4, "The same person as row 2. Added from this row: phone."),
        (4, "The same person as row 2, which has other values. Left out of this row: notes."),
    ]
    donor = db.execute(
        text("""
        select notes, deceased, street, city,
            (select string_agg(phone, ' ' order by phone) from donor_phone) as phones,
            (select string_agg(name, ' ' order by name) from tag) as tags
        from donor join donor_address on donor_id = donor.id
        """)
    ).one()
    assert tuple(donor) == (
        "met her",
        True,
        "1 Elm St",
        "Troy",
        "555-0100 555-0199",
        "board friend",
    )
    assert counts(bring(file)) == (0, 0, 3, 0, 0)
    assert imports.undo(db, ruth, run_id=seen.run_id, now=now).kept == ()
    assert dump(db) == before


def test_a_row_without_a_name_belongs_to_the_only_person_of_its_email(
    db: Session, bring: Bring
) -> None:
    file = "Name,E-mail,Phone\nada@x.example,ada@x.example,555-0100\nAda Stone,ada@x.example,\n"
    assert counts(bring(file)) == (1, 0, 1, 0, 0)
    assert [donor[0] for donor in donors(db)] == ["Ada Stone"]
    assert db.scalar(text("select phone from donor_phone")) == "555-0100"
    several = "Name,E-mail\nh@x.example,h@x.example\nAda Hill,h@x.example\nBo Hill,h@x.example\n"
    assert counts(bring(several)) == (2, 0, 0, 1, 0)


def test_two_rows_of_a_stored_donor_add_up(db: Session, bring: Bring) -> None:
    bring("Name,E-mail\nAda Stone,ada@x.example\n")
    seen = bring(
        "Name,E-mail,Phone,Notes\n"
        "Ada Stone,ada@x.example,555-0100,\n"
        "Ada Stone,ada@x.example,,hello\n"
    )
    assert counts(seen) == (0, 1, 1, 0, 0)
    assert db.scalar(text("select notes from donor")) == "hello"
    assert notes(seen) == [(3, "The same person as row 2. Added from this row: notes.")]


def test_later_gifts_fill_what_the_first_row_of_their_donor_lacks(
    db: Session, bring: Bring
) -> None:
    seen = bring(
        "Donor Name,E-mail,Phone,City,Amount,Date\n"
        "Ada Stone,ada@x.example,N/A,,5,2026-01-05\n"
        "Ada Stone,ada@x.example,555-0100,Troy,5,2026-02-05\n"
        "Ada Stone,ada@x.example,555-0100,Rome,5,2026-03-05\n"
    )
    assert seen.plan.main.create == 3
    assert notes(seen) == [
        (3, "The same person as row 2. Added from this row: City, Phone."),
        (4, "The same person as row 2, which has other values. Left out of this row: City."),
    ]
    assert db.scalar(text("select phone from donor_phone")) == "555-0100"
    assert db.scalar(text("select city from donor_address")) == "Troy"


def test_a_gift_without_a_name_comes_in_under_its_email(db: Session, bring: Bring) -> None:
    file = "Donor Name,E-mail,Amount,Date\n{},ada@x.example,5,2026-0{}-05\n"
    assert counts(bring(file.format("N/A", 1))) == (1, 0, 0, 0, 0)
    assert donors(db)[0][0] == "ada@x.example"
    bring(file.format("Ada Stone", 2))
    assert donors(db) == [("Ada Stone", "person", "Ada", "Stone")]
    bring(file.format("", 3))
    assert donors(db) == [("Ada Stone", "person", "Ada", "Stone")]
    assert db.scalar(text("select gifts from donor_summary")) == 3


def test_a_bad_side_cell_refuses_no_gift(db: Session, bring: Bring) -> None:
    seen = bring(
        "Donor Name,E-mail,Phone,Amount,Date\n"
        "Ada Stone,ada at home,call me,5,2026-01-05\n"
        "Ben Wood,none,5.55E+09,6,2026-01-05\n"
    )
    assert counts(seen) == (2, 0, 0, 0, 0)
    assert {row for row, _ in notes(seen)} == {2, 3}
    stored = db.scalar(text("select problems from import_run order by id desc limit 1"))
    assert {each["action"] for each in stored} == {"empty"}


CELLS = {
    "Name": st.sampled_from(["Ada Stone", "Ben Stone", "ada@x.example", "ADA stone", "ada"]),
    "E-mail": st.sampled_from(
        ["ada@x.example", "ADA@x.example", "Ada <ada@x.example>", "no", "?!"]
    ),
    "Phone": st.sampled_from(["", "555-0100", "5550100.0", "call"]),
    "City": st.sampled_from(["", "Troy", "Rome"]),
    "Tags": st.sampled_from(["", "friend", "friend;board"]),
    "Notes": st.sampled_from(["", "a", "b"]),
    "Deceased": st.sampled_from(["", "yes", "2020-01-05", "perhaps"]),
}


def test_rows_of_one_donor_are_counted_and_undone(
    db: Session, bring: Bring, ruth: Actor, now: datetime
) -> None:
    make.donor(db, ruth, "ada@x.example", email="ada@x.example")

    @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
    @given(rows=st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=6))
    def import_and_undo(rows: list[dict[str, str]]) -> None:
        with db.begin_nested() as savepoint:
            before = dump(db)
            lines = [",".join(row.values()) for row in rows]
            file = "\n".join([",".join(CELLS), *lines, ""])
            seen = bring(file)
            counts(seen)
            assert counts(bring(file))[:2] == (0, 0)
            assert imports.undo(db, ruth, run_id=seen.run_id, now=now).kept == ()
            assert dump(db) == before
            savepoint.rollback()

    import_and_undo()
