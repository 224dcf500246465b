"""The kind of a member and of a household with members: by the form, by a file, and by SQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from random import Random

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import donors, households, imports
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from app.db.session import dispose
from app.kit.errors import DonorCrmError, InvalidError
from tests import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db)


@pytest.fixture
def reeds(db: Session, ruth: Actor) -> tuple[int, int, int]:
    tom = make.donor(db, ruth, "Tom Reed", email="tom@x.example")
    ana = make.donor(db, ruth, "Ana Reed", email="ana@x.example")
    made = households.make(db, ruth, head_id=tom, member_ids=[ana], name="The Reeds")
    return tom, ana, made


def set_kind(db: Session, actor: Actor, donor_id: int, kind: str) -> None:
    donor = donors.get(db, actor, donor_id, today=TODAY)
    fields = replace(donor.fields, kind=kind)
    donors.update(db, actor, donor_id=donor_id, version=donor.version, fields=fields, today=TODAY)


def test_the_form_refuses_another_kind_while_the_household_stands(
    db: Session, ruth: Actor, reeds: tuple[int, int, int]
) -> None:
    tom, _, made = reeds
    with pytest.raises(InvalidError, match="Take the donor out of the household first"):
        set_kind(db, ruth, tom, "organisation")
    with pytest.raises(InvalidError, match="Dissolve it first"):
        set_kind(db, ruth, made, "person")
    households.dissolve(db, ruth, household_id=made)
    set_kind(db, ruth, tom, "organisation")
    set_kind(db, ruth, made, "person")


@pytest.mark.parametrize("policy", ["overwrite", "fill"])
def test_a_file_keeps_the_kind_and_says_so(
    db: Session, ruth: Actor, reeds: tuple[int, int, int], now: datetime, policy: str
) -> None:
    lines = "Name,Email,Kind,Notes\nTom Reed,tom@x.example,organisation,Baker\n"
    # a donor known by the e-mail alone takes the row's name and with it the row's kind
    bea = make.donor(db, ruth, "bea@x.example", email="bea@x.example")
    households.join(db, ruth, household_id=reeds[2], donor_id=bea)
    lines += "Bea Bakery Ltd,bea@x.example,organisation,\n"
    request = imports.ImportRequest("d.csv", lines.encode(), policies={"kind": policy})
    run = imports.import_file(db, ruth, request, today=TODAY, now=now)
    kinds = db.execute(text("select name, kind, notes from donor order by name")).all()
    assert [tuple(row) for row in kinds] == [
        ("Ana Reed", "person", None),
        ("Bea Bakery Ltd", "person", None),
        ("The Reeds", "household", None),
        ("Tom Reed", "person", "Baker"),
    ]
    said = [
        (note["row"], note["reason"])
        for note in imports.as_json(run.plan)["notes"]
        if "kind" in note["reason"] or "household" in note["reason"]
    ]
    sentence = "The donor stays a person: it belongs to a household."
    rows = [2, 3] if policy == "overwrite" else [3]
    assert said == [(row, sentence) for row in rows]


def test_the_database_refuses_what_no_form_offers(
    db: Session, ruth: Actor, reeds: tuple[int, int, int]
) -> None:
    tom, ana, made = reeds
    for statement, values in (
        ("update donor set kind = 'organisation' where id = :id", {"id": ana}),
        ("update donor set kind = 'person' where id = :id", {"id": made}),
        (
            "insert into donor (name, kind, household_id) values ('Kim', 'person', :id)",
            {"id": tom},
        ),
    ):
        with pytest.raises(IntegrityError), db.begin_nested():
            db.execute(text(statement), values)


@pytest.fixture
def crowd(database: URL) -> Iterator[tuple[Actor, list[int], list[int]]]:
    """A fundraiser with two households and their six members, in committed rows."""
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)
        persons = [make.donor(db, ruth, f"Person {number}") for number in range(6)]
        made = [
            households.make(db, ruth, head_id=head, member_ids=[head + 1, head + 2])
            for head in (persons[0], persons[3])
        ]
    yield ruth, persons, made
    dispose()


def test_many_changes_at_once_leave_whole_households(
    crowd: tuple[Actor, list[int], list[int]], now: datetime
) -> None:
    ruth, persons, made = crowd

    def change(seed: int) -> str:
        random = Random(seed)
        person, household = random.choice(persons), random.choice(made)
        try:
            with transaction(ruth) as db:
                match seed % 5:
                    case 0:
                        households.leave(db, ruth, donor_id=person)
                    case 1:
                        households.join(db, ruth, household_id=household, donor_id=person)
                    case 2:
                        households.set_head(db, ruth, household_id=household, donor_id=person)
                    case 3:
                        households.dissolve(db, ruth, household_id=household)
                    case _:
                        set_kind(db, ruth, person, random.choice(["person", "organisation"]))
        except DonorCrmError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(change, range(200)))
    assert said.count("") > 20
    # a deadlock would say that the program is to be tried again
    assert {sentence for sentence in said if "again" in sentence} == set()
    with transaction_for_system() as db:
        whole = db.execute(
            text("""
            select h.kind, count(*), count(*) filter (where m.household_head),
                bool_and(m.kind = 'person')
            from donor h join donor m on m.household_id = h.id group by h.id
            """)
        ).all()
    assert all(row[0] == "household" and row[2] == 1 and row[3] for row in whole)
