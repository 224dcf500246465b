"""Saved mappings: private until shared, found by similar headers, kept as versions."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Unpack

import pytest
from sqlalchemy import URL
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor, Role
from app.db import transaction, transaction_for_system
from tests import factories as make
from tests.integration.imports.test_service import dump, ruth
from tests.values import ImportChoices, present

__all__ = ["ruth"]
MAPPING = {"Giver": "name", "Post box": "email", "Colour": "tags"}
FILE = b"Giver,Post box,Colour\nMara Vogel,m@v.example,red\n"


@pytest.fixture
def bring(db: Session, ruth: Actor, today: date, now: datetime) -> Callable[..., imports.Preview]:
    def bring(
        data: bytes = FILE,
        actor: Actor = ruth,
        **options: Unpack[ImportChoices],
    ) -> imports.Preview:
        options.setdefault("kind", "donors")
        options.setdefault("mapping", MAPPING)
        return imports.import_file(
            db,
            actor,
            imports.ImportRequest("givers.csv", data, **options),
            today=today,
            now=now,
        )

    return bring


def share(db: Session, actor: Actor, *, shared: bool = True) -> imports.SavedMapping:
    """Share the mapping that the actor saved last."""
    saved = next(each for each in imports.list_mappings(db, actor) if each.own)
    imports.share_mapping(db, actor, mapping_id=saved.mapping_id, shared=shared)
    return saved


def test_a_mapping_is_private_until_it_is_shared(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    sam = make.person(db, name="Sam")
    assert imports.inspect_file(db, sam, data=FILE).earlier is None
    bring()
    assert imports.inspect_file(db, sam, data=FILE).earlier is None
    assert imports.list_mappings(db, sam) == []
    share(db, ruth)
    layout = imports.inspect_file(db, sam, data=FILE)
    assert (layout.kind, layout.mapping) == ("donors", MAPPING)
    assert (present(layout.earlier).latest.version, present(layout.earlier).latest.person) == (
        1,
        "Ruth",
    )
    assert (
        present(layout.earlier).new,
        present(layout.earlier).gone,
        present(layout.earlier).turned,
    ) == ((), (), False)
    share(db, ruth, shared=False)
    assert imports.inspect_file(db, sam, data=FILE).saved == ()
    # a preview alone saves no mapping
    other = b"A,B,C\nx,y,z\n"
    imports.preview(
        db,
        sam,
        imports.ImportRequest("o.csv", other, kind="donors", mapping={"A": "name"}),
        today=present(layout.earlier).latest.made_at.date(),
    )
    assert imports.inspect_file(db, ruth, data=other).earlier is None
    drafted = imports.inspect_file(db, sam, data=other)
    assert (drafted.mapping, drafted.drafted, drafted.saved) == ({"A": "name"}, True, ())


def test_the_same_mapping_again_is_no_new_version(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    bring()
    bring()
    assert len(present(imports.inspect_file(db, ruth, data=FILE).earlier).versions) == 1
    bring(mapping=MAPPING | {"Colour": "notes"})
    assert [
        layout.version
        for layout in present(imports.inspect_file(db, ruth, data=FILE).earlier).versions
    ] == [
        2,
        1,
    ]


def test_changed_columns_are_named_and_saved_as_the_next_version(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview], today: date
) -> None:
    bring(b"Giver,Post box,Colour,Fax\nMara Vogel,m@v.example,red,1\n")
    changed = b"Colour,Giver,Post box,Phone number\nred,Bo Ek,b@e.example,555 0100\n"
    sam = make.person(db, name="Sam")
    share(db, ruth)
    layout = imports.inspect_file(db, sam, data=changed)
    earlier = layout.earlier
    assert (present(earlier).new, present(earlier).gone, present(earlier).turned) == (
        ("Phone number",),
        ("Fax",),
        True,
    )
    # known columns keep their fields, new ones are guessed
    assert layout.mapping == MAPPING | {"Phone number": "phone"}
    bring(changed, mapping=layout.mapping)
    versions = present(imports.inspect_file(db, ruth, data=changed).earlier).versions
    assert [(each.version, each.person) for each in versions] == [(2, "Ruth"), (1, "Ruth")]


def test_an_older_version_or_a_new_guess_can_be_chosen(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    bring()
    bring(mapping={"Giver": "name", "Colour": "notes"})
    first = present(imports.inspect_file(db, ruth, data=FILE).earlier).versions[-1]
    assert imports.inspect_file(db, ruth, data=FILE, like=first.version_id).mapping == MAPPING
    fresh = imports.inspect_file(db, ruth, data=FILE, kind="donors", like=0)
    # the e-mail column is guessed from its cells; “Colour” is not known
    assert fresh.mapping == {"Giver": "name", "Post box": "email"}
    assert (
        imports.inspect_file(db, ruth, data=FILE, kind="donors", like=10**9).mapping
        == fresh.mapping
    )


@pytest.mark.parametrize(
    ("headers", "similar"),
    [
        ("post_box,GIVER,colour", True),
        ("Giver,Post box,Colour,One,Two", True),
        ("Giver,Post box,One,Two", False),
        ("Giver", False),
        ("One,Two,Three", False),
    ],
)
def test_a_layout_is_found_by_similar_headers(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview], headers: str, similar: bool
) -> None:
    bring()
    share(db, ruth)
    data = f"{headers}\n{','.join('x' for _ in headers.split(','))}\n".encode()
    layout = imports.inspect_file(db, make.person(db), data=data, kind="donors")
    assert bool(layout.earlier) == similar


def test_meanings_of_values_are_shared(
    db: Session, ruth: Actor, bring: Callable[..., imports.Preview]
) -> None:
    data = b"Giver,Post box,Colour\nMara Vogel,m@v.example,Friend\n"
    bring(data, mapping=MAPPING | {"Colour": "status"}, words={"status": {"friend": "donor"}})
    share(db, ruth)
    layout = imports.inspect_file(db, make.person(db), data=data)
    assert layout.words == {"status": {"friend": "donor"}}


def test_an_undo_keeps_the_layout(
    db: Session, ruth: Actor, now: datetime, bring: Callable[..., imports.Preview]
) -> None:
    before = dump(db)
    run = bring().run_id
    imports.undo(db, ruth, run_id=run, now=now)
    assert dump(db) == before
    assert imports.inspect_file(db, ruth, data=FILE).earlier


def test_layouts_are_read_in_the_transaction_of_a_user(
    database: URL, today: date, now: datetime
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, sam = make.person(db), make.person(db, role=Role.FUNDRAISER)
    for actor in (ruth, sam):
        with transaction(actor) as db:
            preview = imports.preview(
                db,
                actor,
                imports.ImportRequest("g.csv", FILE, kind="donors", mapping=MAPPING),
                today=today,
            )
        with transaction_for_system() as db:
            imports.commit(
                db, actor, run_id=preview.run_id, plan_hash=preview.plan_hash, today=today, now=now
            )
    with transaction(sam) as db:
        assert present(imports.inspect_file(db, sam, data=FILE).earlier).latest.version == 1
