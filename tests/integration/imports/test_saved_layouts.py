"""How files were read before: remembered for everybody, by headers, version by version."""

import pytest

from app import imports
from app.accounts import Role
from app.db import transaction, transaction_for_system
from tests import factories as make
from tests.integration.imports.test_service import dump, ruth

__all__ = ["ruth"]
MAPPING = {"Giver": "name", "Post box": "email", "Colour": "tags"}
FILE = b"Giver,Post box,Colour\nMara Vogel,m@v.example,red\n"


@pytest.fixture
def bring(db, ruth, today, now):
    def bring(data=FILE, mapping=MAPPING, who=ruth, **how):
        return imports.import_file(
            db,
            who,
            file_name="givers.csv",
            data=data,
            today=today,
            now=now,
            kind="donors",
            mapping=mapping,
            **how,
        )

    return bring


def test_a_colleague_gets_the_columns_of_the_first_reading(db, ruth, bring):
    sam = make.person(db, name="Sam")
    assert imports.look(db, sam, data=FILE).earlier is None
    bring()
    seen = imports.look(db, sam, data=FILE)
    assert (seen.kind, seen.mapping) == ("donors", MAPPING)
    assert (seen.earlier.latest.version, seen.earlier.latest.person) == (1, "Ruth")
    assert (seen.earlier.new, seen.earlier.gone, seen.earlier.turned) == ((), (), False)
    # a preview alone is nobody's advice
    other = b"A,B,C\nx,y,z\n"
    imports.preview(
        db,
        sam,
        file_name="o.csv",
        data=other,
        today=seen.earlier.latest.made_at.date(),
        kind="donors",
        mapping={"A": "name"},
    )
    assert imports.look(db, ruth, data=other).earlier is None


def test_the_same_reading_again_is_no_new_version(db, ruth, bring):
    bring()
    bring()
    assert len(imports.look(db, ruth, data=FILE).earlier.versions) == 1
    bring(mapping=MAPPING | {"Colour": "notes"})
    assert [one.version for one in imports.look(db, ruth, data=FILE).earlier.versions] == [2, 1]


def test_a_changed_file_says_what_moved_and_becomes_the_next_version(db, ruth, bring, today):
    bring(b"Giver,Post box,Colour,Fax\nMara Vogel,m@v.example,red,1\n")
    changed = b"Colour,Giver,Post box,Phone number\nred,Bo Ek,b@e.example,555 0100\n"
    sam = make.person(db, name="Sam")
    seen = imports.look(db, sam, data=changed)
    earlier = seen.earlier
    assert (earlier.new, earlier.gone, earlier.turned) == (("Phone number",), ("Fax",), True)
    # what is known stays, what is new is guessed
    assert seen.mapping == MAPPING | {"Phone number": "phone"}
    bring(changed, mapping=seen.mapping, who=sam)
    versions = imports.look(db, ruth, data=changed).earlier.versions
    assert [(one.version, one.person) for one in versions] == [(2, "Sam"), (1, "Ruth")]
    assert {one.origin for one in versions} == {versions[-1].layout_id}


def test_an_older_version_or_a_fresh_guess_may_be_wanted(db, ruth, bring):
    bring()
    bring(mapping={"Giver": "name", "Colour": "notes"})
    first = imports.look(db, ruth, data=FILE).earlier.versions[-1]
    assert imports.look(db, ruth, data=FILE, like=first.layout_id).mapping == MAPPING
    fresh = imports.look(db, ruth, data=FILE, kind="donors", like=0)
    # the cells speak for themselves; “Colour” says nothing
    assert fresh.mapping == {"Giver": "name", "Post box": "email"}
    assert imports.look(db, ruth, data=FILE, kind="donors", like=10**9).mapping == fresh.mapping


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ("post_box,GIVER,colour", True),
        ("Giver,Post box,Colour,One,Two", True),
        ("Giver,Post box,One,Two", False),
        ("Giver", False),
        ("One,Two,Three", False),
    ],
)
def test_what_is_like_enough(db, ruth, bring, headers, found):
    bring()
    data = f"{headers}\n{','.join('x' for _ in headers.split(','))}\n".encode()
    seen = imports.look(db, make.person(db), data=data, kind="donors")
    assert bool(seen.earlier) == found


def test_words_are_shared_too(db, ruth, bring):
    data = b"Giver,Post box,Colour\nMara Vogel,m@v.example,Friend\n"
    bring(data, MAPPING | {"Colour": "status"}, words={"status": {"friend": "donor"}})
    seen = imports.look(db, make.person(db), data=data)
    assert seen.words == {"status": {"friend": "donor"}}


def test_undoing_an_import_leaves_nothing_of_it_but_how_it_was_read(db, ruth, now, bring):
    before = dump(db)
    run = bring().run_id
    imports.undo(db, ruth, run_id=run, now=now)
    assert dump(db) == before
    assert imports.look(db, ruth, data=FILE).earlier


def test_a_persons_own_transaction_sees_and_keeps_them(database, today, now):
    with transaction() as db:
        make.organisation(db)
        ruth, coach = make.person(db), make.person(db, role=Role.FUNDRAISER)
    for who in (ruth, coach):
        with transaction(who) as db:
            seen = imports.preview(
                db,
                who,
                file_name="g.csv",
                data=FILE,
                today=today,
                kind="donors",
                mapping=MAPPING,
            )
        with transaction_for_system() as db:
            imports.commit(
                db, who, run_id=seen.run_id, plan_hash=seen.plan_hash, today=today, now=now
            )
    with transaction(coach) as db:
        assert imports.look(db, coach, data=FILE).earlier.latest.version == 1
