"""Ambiguous donors: questions with candidates, answers per row or per kind, no guesses."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import text

from app import imports
from app.accounts import Actor
from app.db import Session
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.imports.test_service import ImportedPlan, bring, ruth
from tests.values import ImportChoices

__all__ = ["bring", "ruth"]
HEAD = "name,email,phone,postal_code\n"
# row 2 has Anna's e-mail; two donors are named Tom Hall; Jon is similar to John
FILE = HEAD + (
    "Bert Boot,anna@boot.example,,\n"
    "Tom Hall,,,1011 AB\n"
    "Jon Smith,,,\n"
    "Wholly New,new@example.org,,\n"
)


@pytest.fixture
def stored(db: Session, ruth: Actor) -> dict[str, int]:
    """Create Anna, two Toms of one postcode, John, and a Jon of another user; return their ids."""
    address = {"postal_code": "1011AB", "city": "Amsterdam"}
    donor_ids = {
        "anna": make.donor(db, ruth, "Anna Visser", email="anna@boot.example"),
        "tom": make.donor(db, ruth, "Tom Hall", address=address),
        "tom2": make.donor(db, ruth, "Tom Hall", email="tom@hall.example", address=address),
        "john": make.donor(db, ruth, "John Smith", email="js@example.org"),
    }
    make.donor(db, make.person(db), "Jon Smith")
    return donor_ids


@pytest.fixture
def preview(
    db: Session, ruth: Actor, today: date, stored: dict[str, int]
) -> Callable[..., imports.Preview]:
    def preview(data: str = FILE, **people: str) -> imports.Preview:
        return imports.preview(
            db,
            ruth,
            imports.ImportRequest(
                "f.csv",
                data.encode(),
                people={key.replace("all_", "*"): str(value) for key, value in people.items()},
            ),
            today=today,
        )

    return preview


def counts(plan_preview: imports.Preview) -> tuple[int, int, int, int, int]:
    main = plan_preview.plan.main
    return main.create, main.update, main.skip, main.conflict, main.error


def names(db: Session) -> list[str]:
    return sorted(db.execute(text("select name from donor")).scalars())


def answers(plan_preview: imports.Preview, **by_kind: object) -> dict[str, str]:
    """Return the answer of each kind for every row with a question of that kind."""
    return {
        str(question.row): str(by_kind[question.kind])
        for question in plan_preview.people
        if question.kind in by_kind
    }


def test_ambiguous_rows_are_questions_with_candidates(
    preview: Callable[..., imports.Preview], stored: dict[str, int]
) -> None:
    first = preview()
    questions = {question.kind: question for question in first.people}
    assert {
        kind: [candidate.donor_id for candidate in question.candidates]
        for kind, question in questions.items()
    } == {
        "email_name": [stored["anna"]],
        "name_many": [stored["tom"], stored["tom2"]],
        "similar": [stored["john"]],
    }
    tom = questions["name_many"]
    assert (tom.name, tom.candidates[1].email, tom.candidates[0].city) == (
        "Tom Hall",
        "tom@hall.example",
        "Amsterdam",
    )
    anna = questions["email_name"].candidates[0]
    assert (anna.phone, anna.address, anna.gifts, anna.last_gift_date) == (None, None, 0, None)
    assert tom.candidates[0].address == "1011AB"
    assert tom.address == "1011 AB"
    # without answers, conflicts are not imported and the similar name is a new donor
    assert counts(first) == (2, 0, 0, 2, 0)


def test_answers_for_single_rows(
    db: Session,
    preview: Callable[..., imports.Preview],
    stored: dict[str, int],
    bring: Callable[..., ImportedPlan],
) -> None:
    first = preview()
    people = answers(first, email_name="new", name_many=stored["tom2"], similar=stored["john"])
    answered = preview(**people)
    assert counts(answered) == (2, 2, 0, 0, 0)
    assert answered.plan_hash != first.plan_hash
    before = names(db)
    bring(FILE, people=people)
    assert names(db) == sorted([*before, "Bert Boot", "Wholly New"])
    assert bring(FILE)["create"] == 0


def test_the_same_file_again_has_no_questions_and_no_changes(
    preview: Callable[..., imports.Preview],
    stored: dict[str, int],
    bring: Callable[..., ImportedPlan],
) -> None:
    people = answers(
        preview(), email_name=stored["anna"], name_many=stored["tom"], similar=stored["john"]
    )
    assert bring(FILE, people=people)["update"] == 3
    again = preview()
    assert again.people == ()
    assert counts(again) == (0, 0, 4, 0, 0)


def test_the_questions_return_after_an_undo(
    db: Session,
    ruth: Actor,
    preview: Callable[..., imports.Preview],
    stored: dict[str, int],
    bring: Callable[..., ImportedPlan],
    now: datetime,
) -> None:
    people = answers(preview(), email_name=stored["anna"], name_many="skip")
    done = bring(FILE, people=people)
    imports.undo(db, ruth, run_id=done["run_id"], now=now)
    assert len(preview().people) == 3


def test_an_answer_for_all_rows_of_a_kind(preview: Callable[..., imports.Preview]) -> None:
    data = HEAD + "".join(f"Person {n},anna@boot.example,,\n" for n in range(3))
    data += "Tom Hall,,,1011 AB\n"
    assert [question.alike for question in preview(data).people] == [3, 3, 3, 1]
    assert counts(preview(data, all_email_name="skip")) == (0, 0, 3, 1, 0)
    # new donors of one e-mail with different names are several donors, each with a note
    new = preview(data, all_email_name="new")
    assert counts(new) == (3, 0, 0, 1, 0)
    assert [note.problem.code for note in new.plan.main.notes] == ["email_repeated"] * 2
    # three rows that all mean Anna are one change
    assert counts(preview(data, all_email_name="same")) == (0, 1, 2, 1, 0)
    # "the same" needs one candidate: Tom has two
    assert counts(preview(data, all_name_many="same")) == (0, 0, 0, 4, 0)


def test_an_answer_for_a_row_overrides_the_answer_for_its_kind(
    preview: Callable[..., imports.Preview],
) -> None:
    data = HEAD + "One,anna@boot.example,,\nTwo,anna@boot.example,,\n"
    row = str(preview(data).people[1].row)
    assert counts(preview(data, all_email_name="skip", **{row: "new"})) == (1, 0, 1, 0, 0)


def test_only_a_candidate_is_a_valid_answer(
    db: Session, preview: Callable[..., imports.Preview], stored: dict[str, int]
) -> None:
    first = preview()
    hidden = db.execute(text("select id from donor where name = 'Jon Smith'")).scalar_one()
    for donor_id in (stored["john"], hidden, 2_000_000_000):
        people = answers(first, email_name=donor_id)
        assert counts(preview(**people)) == counts(first)


@pytest.mark.parametrize(
    "people",
    [
        {"1": "yes"},
        {"x": "new"},
        {"*nothing": "new"},
        {"*similar": "old"},
        {"1": "9" * 30},
        {"1": "1; drop"},
        {"*": "new"},
        {"1": "same"},
    ],
)
def test_an_invalid_answer_is_refused(
    db: Session, ruth: Actor, today: date, people: dict[str, str]
) -> None:
    with pytest.raises(InvalidError, match="answers no question"):
        imports.preview(
            db, ruth, imports.ImportRequest("f.csv", FILE.encode(), people=people), today=today
        )


@pytest.mark.parametrize(
    ("name", "contact", "similar"),
    [
        ("Smith John", ",,", True),
        ("JOHN SMITH", ",,", True),
        ("Jöhn Smith", ",,", True),
        ("John Smithson", ",,", True),
        ("Johnny Ray", ",,", False),
        ("Smith", ",,", False),
        ("Mary Smith", ",,", False),
        # another e-mail and another postcode: a different John Smith
        ("John Smith", "other@example.org,,9999", False),
    ],
)
def test_similar_names(
    db: Session,
    preview: Callable[..., imports.Preview],
    stored: dict[str, int],
    name: str,
    contact: str,
    similar: bool,
) -> None:
    db.execute(
        text("insert into donor_address (donor_id, postal_code) values (:id, '1234')"),
        {"id": stored["john"]},
    )
    assert bool(preview(f"{HEAD}{name},{contact}\n").people) is similar


def test_a_donor_with_another_id_of_the_same_source_is_no_candidate(
    db: Session, ruth: Actor, today: date, stored: dict[str, int]
) -> None:
    """Two ids of one source are two people, however similar their names are."""
    db.execute(
        text(
            "insert into donor_external_id (source, external_id, donor_id)"
            " values ('file', 'A1', :id)"
        ),
        {"id": stored["john"]},
    )
    preview = imports.preview(
        db,
        ruth,
        imports.ImportRequest(
            "f.csv",
            b"id,name\nA2,John Smith\n",
            kind="donors",
            mapping={"id": "external_id", "name": "name"},
        ),
        today=today,
    )
    assert preview.people == ()


def test_gifts_are_recorded_for_the_donor_of_the_answer(
    db: Session,
    ruth: Actor,
    today: date,
    stored: dict[str, int],
    bring: Callable[..., ImportedPlan],
) -> None:
    data = (
        "donor_name,donor_email,amount,date\n"
        "Bert Boot,anna@boot.example,10.00,2026-02-01\n"
        "Bert Boot,anna@boot.example,20.00,2026-03-01\n"
    )
    options: ImportChoices = {
        "kind": "gifts",
        "mapping": {
            "donor_name": "name",
            "donor_email": "email",
            "amount": "amount",
            "date": "gift_date",
        },
    }
    first = imports.preview(
        db, ruth, imports.ImportRequest("g.csv", data.encode(), **options), today=today
    )
    assert first.plan.main.error == 2
    people = answers(first, email_name=stored["anna"])
    bring(data, people=people, **options)
    total = text("select gifts, total_minor from donor_summary where donor_id = :id")
    assert tuple(db.execute(total, {"id": stored["anna"]}).one()) == (2, 3000)
