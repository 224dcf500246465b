"""Whom a row means: asked, answered one by one or all alike, remembered, never guessed."""

import pytest
from sqlalchemy import text

from app import imports
from app.db import Session
from app.kit.errors import InvalidError
from tests import factories as make
from tests.integration.imports.test_service import bring, ruth

__all__ = ["bring", "ruth"]
HEAD = "name,email,phone,postal_code\n"
# the person of row 2 writes from Anna's mailbox; Tom's name is here twice; Jon is nearly John
FILE = HEAD + (
    "Bert Boot,anna@boot.example,,\n"
    "Tom Hall,,,1011 AB\n"
    "Jon Smith,,,\n"
    "Wholly New,new@example.org,,\n"
)


@pytest.fixture
def here(db, ruth):
    """Anna, two Toms of one postcode, John, and a stranger's Jon."""
    place = {"address": {"postal_code": "1011AB", "city": "Amsterdam"}}
    found = {
        "anna": make.donor(db, ruth, "Anna Visser", email="anna@boot.example"),
        "tom": make.donor(db, ruth, "Tom Hall", **place),
        "tom2": make.donor(db, ruth, "Tom Hall", email="tom@hall.example", **place),
        "john": make.donor(db, ruth, "John Smith", email="js@example.org"),
    }
    make.donor(db, make.person(db), "Jon Smith")
    return found


@pytest.fixture
def seen(db, ruth, today, here):
    def seen(data=FILE, **people):
        return imports.preview(
            db,
            ruth,
            file_name="f.csv",
            data=data.encode(),
            today=today,
            people={key.replace("all_", "*"): str(value) for key, value in people.items()},
        )

    return seen


def fates(preview):
    main = preview.plan.main
    return main.create, main.update, main.skip, main.conflict, main.error


def names(db: Session) -> list[str]:
    return sorted(db.execute(text("select name from donor")).scalars())


def answers(preview, **by_kind):
    """Answers by kind, spelled for the rows that have the question."""
    return {str(one.row): str(by_kind[one.kind]) for one in preview.people if one.kind in by_kind}


def test_what_is_unclear_is_asked_with_its_candidates(seen, here):
    preview = seen()
    asked = {one.kind: one for one in preview.people}
    assert {kind: [c.donor_id for c in one.candidates] for kind, one in asked.items()} == {
        "email_name": [here["anna"]],
        "name_many": [here["tom"], here["tom2"]],
        "similar": [here["john"]],
    }
    tom = asked["name_many"]
    assert (tom.name, tom.candidates[1].email, tom.candidates[0].city) == (
        "Tom Hall",
        "tom@hall.example",
        "Amsterdam",
    )
    # unanswered, the clear conflicts stay out and the similar name is a new person
    assert fates(preview) == (2, 0, 0, 2, 0)


def test_an_answer_for_one_row(db, seen, here, bring):
    first = seen()
    told = answers(first, email_name="new", name_many=here["tom2"], similar=here["john"])
    preview = seen(**told)
    assert fates(preview) == (2, 2, 0, 0, 0)
    assert preview.plan_hash != first.plan_hash
    before = names(db)
    bring(FILE, people=told)
    assert names(db) == sorted([*before, "Bert Boot", "Wholly New"])
    assert bring(FILE)["create"] == 0


def test_the_same_file_again_asks_nothing_and_changes_nothing(seen, here, bring):
    told = answers(seen(), email_name=here["anna"], name_many=here["tom"], similar=here["john"])
    assert bring(FILE, people=told)["update"] == 3
    again = seen()
    assert again.people == ()
    assert fates(again) == (0, 0, 4, 0, 0)


def test_undone_it_is_asked_again(db, ruth, seen, here, bring, now):
    told = answers(seen(), email_name=here["anna"], name_many="skip")
    done = bring(FILE, people=told)
    imports.undo(db, ruth, run_id=done["run_id"], now=now)
    assert len(seen().people) == 3


def test_the_same_answer_for_all_alike(seen):
    data = HEAD + "".join(f"Person {n},anna@boot.example,,\n" for n in range(3))
    data += "Tom Hall,,,1011 AB\n"
    assert [one.alike for one in seen(data).people] == [3, 3, 3, 1]
    assert fates(seen(data, all_email_name="skip")) == (0, 0, 3, 1, 0)
    # one mailbox and several new people: the file itself says they are not one person
    assert fates(seen(data, all_email_name="new")) == (1, 0, 0, 3, 0)
    # three rows that all mean Anna are one change
    assert fates(seen(data, all_email_name="same")) == (0, 1, 2, 1, 0)
    # "the same" needs one candidate: Tom has two
    assert fates(seen(data, all_name_many="same")) == (0, 0, 0, 4, 0)


def test_a_row_of_its_own_stands_over_the_answer_for_all(seen):
    data = HEAD + "One,anna@boot.example,,\nTwo,anna@boot.example,,\n"
    row = str(seen(data).people[1].row)
    assert fates(seen(data, all_email_name="skip", **{row: "new"})) == (1, 0, 1, 0, 0)


def test_only_an_offered_donor_can_be_meant(db, seen, here):
    preview = seen()
    stranger = db.execute(text("select id from donor where name = 'Jon Smith'")).scalar_one()
    for wrong in (here["john"], stranger, 2_000_000_000):
        told = answers(preview, email_name=wrong)
        assert fates(seen(**told)) == fates(preview)


@pytest.mark.parametrize(
    "wrong",
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
def test_what_answers_nothing_is_refused(db, ruth, today, wrong):
    with pytest.raises(InvalidError, match="answers no question"):
        imports.preview(db, ruth, file_name="f.csv", data=FILE.encode(), today=today, people=wrong)


@pytest.mark.parametrize(
    ("name", "more", "asked"),
    [
        ("Smith John", ",,", True),
        ("JOHN SMITH", ",,", True),
        ("Jöhn Smith", ",,", True),
        ("John Smithson", ",,", True),
        ("Johnny Ray", ",,", False),
        ("Smith", ",,", False),
        ("Mary Smith", ",,", False),
        # another mailbox at another place is another John Smith
        ("John Smith", "other@example.org,,9999", False),
    ],
)
def test_what_is_similar(db, seen, here, name, more, asked):
    db.execute(
        text("insert into donor_address (donor_id, postal_code) values (:id, '1234')"),
        {"id": here["john"]},
    )
    assert bool(seen(f"{HEAD}{name},{more}\n").people) is asked


def test_a_donor_known_by_another_id_of_the_same_source_is_not_offered(db, ruth, today, here):
    """Two ids of one system are two people there, however alike their names."""
    db.execute(
        text(
            "insert into donor_external_id (source, external_id, donor_id)"
            " values ('file', 'A1', :id)"
        ),
        {"id": here["john"]},
    )
    seen = imports.preview(
        db,
        ruth,
        file_name="f.csv",
        data=b"id,name\nA2,John Smith\n",
        today=today,
        kind="donors",
        mapping={"id": "external_id", "name": "name"},
    )
    assert seen.people == ()


def test_gifts_go_to_whom_the_answer_says(db, ruth, today, here, bring):
    data = (
        "donor_name,donor_email,amount,date\n"
        "Bert Boot,anna@boot.example,10.00,2026-02-01\n"
        "Bert Boot,anna@boot.example,20.00,2026-03-01\n"
    )
    how = {
        "kind": "gifts",
        "mapping": {
            "donor_name": "name",
            "donor_email": "email",
            "amount": "amount",
            "date": "gift_date",
        },
    }
    first = imports.preview(db, ruth, file_name="g.csv", data=data.encode(), today=today, **how)
    assert first.plan.main.error == 2
    told = answers(first, email_name=here["anna"])
    bring(data, people=told, **how)
    total = text("select gifts, total_minor from donor_summary where donor_id = :id")
    assert tuple(db.execute(total, {"id": here["anna"]}).one()) == (2, 3000)
