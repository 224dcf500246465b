"""Changes of saved mappings: rename, share, edit, delete, by whom, and what an import adds."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import imports
from app.accounts import Actor
from app.db import transaction, transaction_for_system
from app.db.models import Activity, MappingDraft
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make
from tests.integration.imports.mapping.test_saved_mappings import FILE, MAPPING, bring, share
from tests.integration.imports.test_service import ruth
from tests.values import changed_rows, present

__all__ = ["bring", "ruth"]
Bring = Callable[..., imports.Preview]
OTHER = MAPPING | {"Colour": "notes"}


def only(db: Session, actor: Actor) -> imports.SavedMapping:
    (saved,) = imports.list_mappings(db, actor)
    return saved


def entries(db: Session) -> list[tuple[str, str, object, object]]:
    rows = db.query(Activity).filter(Activity.entity == "import_mapping").order_by(Activity.id)
    return [(row.action, row.sentence, row.before, row.after) for row in rows]


def test_an_import_saves_a_private_mapping_named_after_the_file(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    bring()
    saved = only(db, ruth)
    assert (saved.name, saved.kind, saved.person) == ("givers.csv", "donors", "Ruth")
    assert (saved.own, saved.changeable, saved.shared) == (True, True, False)
    assert dict(saved.latest.mapping) == MAPPING
    # the last choices are not kept a second time
    assert db.query(MappingDraft).count() == 0


def test_a_mapping_is_renamed_and_shared_with_a_line_in_the_audit_log(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    bring()
    saved = only(db, ruth)
    imports.rename_mapping(db, ruth, mapping_id=saved.mapping_id, name="  Monthly  list ")
    imports.rename_mapping(db, ruth, mapping_id=saved.mapping_id, name="Monthly list")
    share(db, ruth)
    share(db, ruth)
    share(db, ruth, shared=False)
    assert (only(db, ruth).name, only(db, ruth).shared) == ("Monthly list", False)
    assert entries(db) == [
        (
            "import_mapping.renamed",
            "Renamed the mapping “givers.csv” to “Monthly list”.",
            {"name": "givers.csv"},
            {"name": "Monthly list"},
        ),
        (
            "import_mapping.shared",
            "Shared the mapping “Monthly list” with everybody.",
            {"shared": False},
            {"shared": True},
        ),
        (
            "import_mapping.made_private",
            "Made the mapping “Monthly list” private.",
            {"shared": True},
            {"shared": False},
        ),
    ]


@pytest.mark.parametrize("name", ["", " \t", "x" * 201, "a\u202eb"])
def test_a_name_is_a_line_of_text(db: Session, ruth: Actor, bring: Bring, name: str) -> None:
    bring()
    with pytest.raises(InvalidError):
        imports.rename_mapping(db, ruth, mapping_id=only(db, ruth).mapping_id, name=name)


def test_an_edit_is_the_next_version_and_earlier_ones_can_be_chosen(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    bring()
    saved = only(db, ruth)
    imports.edit_mapping(db, ruth, mapping_id=saved.mapping_id, version=1, mapping=OTHER)
    versions = only(db, ruth).versions
    assert [(each.version, dict(each.mapping)) for each in versions] == [(2, OTHER), (1, MAPPING)]
    assert imports.inspect_file(db, ruth, data=FILE).mapping == OTHER
    first = versions[-1].version_id
    assert imports.inspect_file(db, ruth, data=FILE, like=first).mapping == MAPPING
    (entry,) = entries(db)
    assert entry == (
        "import_mapping.edited",
        "Edited the mapping “givers.csv”: version 2.",
        {"Colour": "tags"},
        {"Colour": "notes"},
    )
    # the same once more is no version
    imports.edit_mapping(db, ruth, mapping_id=saved.mapping_id, version=2, mapping=OTHER)
    assert only(db, ruth).latest.version == 2


def test_an_edit_prevails_over_the_last_choices(db: Session, ruth: Actor, bring: Bring) -> None:
    bring()
    today = only(db, ruth).used_at.date()
    request = imports.ImportRequest("g.csv", FILE, kind="donors", mapping={"Giver": "name"})
    imports.preview(db, ruth, request, today=today)
    assert imports.inspect_file(db, ruth, data=FILE).drafted
    mapping_id = only(db, ruth).mapping_id
    imports.edit_mapping(db, ruth, mapping_id=mapping_id, version=1, mapping=OTHER)
    layout = imports.inspect_file(db, ruth, data=FILE)
    assert (layout.mapping, layout.drafted, layout.source) == (OTHER, False, mapping_id)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"Post box": "email"}, r"No column says the name or first name or last name \(donors\)"),
        ({}, "The file has: Giver, Post box, Colour"),
        ({"Giver": "name", "Fax": "phone"}, "has no column “Fax”"),
        ({"Giver": "name", "Colour": "amount"}, "“amount” is not a field of donors"),
    ],
)
def test_an_edit_is_checked_as_an_import_is(
    db: Session, ruth: Actor, bring: Bring, mapping: dict[str, str], message: str
) -> None:
    bring()
    saved = only(db, ruth)
    with pytest.raises(InvalidError, match=message):
        imports.edit_mapping(db, ruth, mapping_id=saved.mapping_id, version=1, mapping=mapping)
    assert only(db, ruth) == saved


def test_two_edits_at_once_and_an_edit_of_what_is_deleted(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    bring()
    mapping_id = only(db, ruth).mapping_id
    imports.edit_mapping(db, ruth, mapping_id=mapping_id, version=1, mapping=OTHER)
    with pytest.raises(ConflictError, match="Somebody has changed this mapping meanwhile"):
        imports.edit_mapping(db, ruth, mapping_id=mapping_id, version=1, mapping=MAPPING)
    imports.delete_mapping(db, ruth, mapping_id=mapping_id)
    with pytest.raises(NotFoundError, match="not here any more"):
        imports.edit_mapping(db, ruth, mapping_id=mapping_id, version=2, mapping=MAPPING)


def test_a_deleted_mapping_is_suggested_no_more_and_imports_stay(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    run_id = bring().run_id
    bring(mapping=OTHER)
    mapping_id = only(db, ruth).mapping_id
    imports.delete_mapping(db, ruth, mapping_id=mapping_id)
    assert imports.list_mappings(db, ruth) == []
    layout = imports.inspect_file(db, ruth, data=FILE, kind="donors")
    assert (layout.saved, layout.mapping) == ((), {"Giver": "name", "Post box": "email"})
    assert imports.get(db, ruth, run_id=run_id).state == "done"
    assert db.execute(text("select count(*) from saved_mapping_version")).scalar_one() == 0
    assert entries(db)[-1] == (
        "import_mapping.deleted",
        "Deleted the mapping “givers.csv”.",
        {"name": "givers.csv", "kind": "donors", "shared": False},
        None,
    )


def attempts(db: Session, actor: Actor, mapping_id: int) -> dict[str, str]:
    """Try every change, each undone again, and return the error of each; "" for none."""
    changes: dict[str, Callable[[], None]] = {
        "rename": lambda: imports.rename_mapping(db, actor, mapping_id=mapping_id, name="New"),
        "share": lambda: imports.share_mapping(db, actor, mapping_id=mapping_id, shared=False),
        "edit": lambda: imports.edit_mapping(
            db, actor, mapping_id=mapping_id, version=1, mapping=OTHER
        ),
        "delete": lambda: imports.delete_mapping(db, actor, mapping_id=mapping_id),
    }
    results = {}
    for name, change in changes.items():
        with db.begin_nested() as savepoint:
            try:
                change()
                results[name] = ""
            except (NotAllowedError, NotFoundError) as error:
                results[name] = type(error).__name__
            savepoint.rollback()
    return results


@pytest.mark.parametrize(
    ("role", "private", "shared"),
    [
        ("fundraiser", "NotFoundError", "NotAllowedError"),
        ("supervisor", "NotFoundError", "NotAllowedError"),
        ("finance", "NotFoundError", "NotAllowedError"),
        ("coach", "NotAllowedError", "NotAllowedError"),
        ("read_only", "NotAllowedError", "NotAllowedError"),
        ("admin", "", ""),
    ],
)
def test_others_use_a_shared_mapping_and_administrators_change_it(
    db: Session, ruth: Actor, bring: Bring, role: str, private: str, shared: str
) -> None:
    bring()
    other = make.person(db, role)
    mapping_id = only(db, ruth).mapping_id
    assert set(attempts(db, other, mapping_id).values()) == {private}
    share(db, ruth)
    assert set(attempts(db, other, mapping_id).values()) == {shared}
    assert set(attempts(db, ruth, mapping_id).values()) == {""}
    viewed = replace(ruth, viewer_id=other.user_id, viewer_name="Ada")
    assert set(attempts(db, viewed, mapping_id).values()) == {"NotAllowedError"}


def test_a_shared_mapping_is_changed_only_for_oneself(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    bring()
    share(db, ruth)
    sam = make.person(db, name="Sam")
    shared = only(db, sam)
    # as it is: nothing is saved, also for a file with one more column that is left out
    bring(actor=sam, saved_mapping=shared.mapping_id)
    bring(b"Giver,Post box,Colour,Fax\nMara Vogel,m@v.example,red,1\n", actor=sam)
    assert only(db, sam).latest == shared.latest
    # another field: a mapping of one's own
    bring(actor=sam, mapping=OTHER, saved_mapping=shared.mapping_id)
    mine, theirs = sorted(imports.list_mappings(db, sam), key=lambda each: not each.own)
    assert (mine.own, mine.shared, dict(mine.latest.mapping)) == (True, False, OTHER)
    assert theirs.versions == shared.versions
    assert only(db, ruth).versions == shared.versions
    # of two that fit equally, one's own is suggested
    assert present(imports.inspect_file(db, sam, data=FILE).earlier).saved == mine


def test_a_version_is_added_to_the_mapping_that_was_chosen(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    bring()
    wide = b"Giver,Post box,Colour,Town,Fax,Job\nMara Vogel,m@v.example,red,Ulm,1,cook\n"
    bring(wide, mapping=MAPPING | {"Town": "city"})
    newer, older = imports.list_mappings(db, ruth)
    assert (len(newer.latest.headers), len(older.latest.headers)) == (6, 3)
    middle = b"Giver,Post box,Colour,Town\nMara Vogel,m@v.example,red,Ulm\n"
    layout = imports.inspect_file(db, ruth, data=middle)
    assert [fit.saved.mapping_id for fit in layout.saved] == [older.mapping_id, newer.mapping_id]
    bring(middle, mapping=OTHER, saved_mapping=newer.mapping_id)
    by_id = {each.mapping_id: each.latest.version for each in imports.list_mappings(db, ruth)}
    assert by_id == {older.mapping_id: 1, newer.mapping_id: 2}


def test_a_mapping_that_fits_less_is_offered_and_not_overwritten(
    db: Session, ruth: Actor, bring: Bring
) -> None:
    bring()
    saved = only(db, ruth)
    data = b"Giver,Street name,Town,Job\nMara Vogel,Mill Lane,Ulm,cook\n"
    layout = imports.inspect_file(db, ruth, data=data, kind="donors")
    assert layout.earlier is None
    assert [fit.saved for fit in layout.saved] == [saved]
    chosen = imports.inspect_file(db, ruth, data=data, kind="donors", like=saved.latest.version_id)
    assert chosen.mapping["Giver"] == "name"
    bring(data, mapping=chosen.mapping, saved_mapping=saved.mapping_id)
    assert len(imports.list_mappings(db, ruth)) == 2
    assert saved.latest in [each.latest for each in imports.list_mappings(db, ruth)]


def test_a_private_mapping_is_invisible_to_raw_sql_of_others(
    database: URL, today: date, now: datetime
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, sam, cora = make.person(db), make.person(db), make.person(db, "coach")
        ada, fay = make.person(db, "admin"), make.person(db, "finance")
        request = imports.ImportRequest("g.csv", FILE, kind="donors", mapping=MAPPING)
        imports.import_file(db, ruth, request, today=today, now=now)
        saved = only(db, ruth)
    counts = (
        "select (select count(*) from saved_mapping), (select count(*) from saved_mapping_version)"
    )
    writes = (
        "update saved_mapping set name = 'Stolen'",
        "update saved_mapping_version set mapping = '{}'",
        "delete from saved_mapping_version",
        "delete from saved_mapping",
    )

    def seen(actor: Actor | None) -> tuple[int, int]:
        with transaction(actor) as db:
            mappings, versions = db.execute(text(counts)).one()
            return mappings, versions

    def changed(actor: Actor) -> int:
        """Return how many rows the statements reach; none is changed for the next."""
        with transaction(actor) as db:
            with db.begin_nested() as savepoint:
                total = sum(changed_rows(db.execute(text(write))) for write in writes)
                savepoint.rollback()
            return total

    others = (sam, cora, fay)
    assert [seen(actor) for actor in (ruth, *others, ada, None)] == [
        (1, 1),
        *[(0, 0)] * 3,
        (1, 1),
        (0, 0),
    ]
    assert [changed(actor) for actor in (*others, ruth, ada)] == [0, 0, 0, 4, 4]
    with transaction(ruth) as db:
        imports.share_mapping(db, ruth, mapping_id=saved.mapping_id, shared=True)
    assert [seen(actor) for actor in (*others, None)] == [*[(1, 1)] * 3, (0, 0)]
    assert [changed(actor) for actor in (*others, ruth, ada)] == [0, 0, 0, 4, 4]
    mapping = f"insert into saved_mapping (user_id, name, kind) values ({ruth.user_id}, '', '')"
    version = "insert into saved_mapping_version (mapping_id, version, header_key, headers,"
    version += f" mapping) values ({saved.mapping_id}, 9, '', '[]', '{{}}')"
    for statement in (mapping, version):
        with pytest.raises(DBAPIError, match="row-level security"), transaction(sam) as db:
            db.execute(text(statement))


def test_every_change_works_in_a_users_own_transaction(
    database: URL, today: date, now: datetime
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth, ada = make.person(db), make.person(db, "admin")
        request = imports.ImportRequest("g.csv", FILE, kind="donors", mapping=MAPPING)
        imports.import_file(db, ruth, request, today=today, now=now)
        mapping_id = only(db, ruth).mapping_id
    for actor, name in ((ruth, "One"), (ada, "Two")):
        with transaction(actor) as db:
            latest = only(db, actor).latest
            imports.rename_mapping(db, actor, mapping_id=mapping_id, name=name)
            imports.share_mapping(db, actor, mapping_id=mapping_id, shared=actor is ruth)
            imports.edit_mapping(
                db,
                actor,
                mapping_id=mapping_id,
                version=latest.version,
                mapping=OTHER if actor is ruth else MAPPING,
            )
    with transaction(ada) as db:
        saved = only(db, ada)
        assert (saved.name, saved.shared, saved.latest.version) == ("Two", False, 3)
        imports.delete_mapping(db, ada, mapping_id=mapping_id)
    with transaction(ruth) as db:
        assert imports.list_mappings(db, ruth) == []


def test_an_import_waits_for_an_edit_of_its_mapping_and_adds_the_next_version(
    database: URL, today: date, now: datetime
) -> None:
    def request(mapping: dict[str, str]) -> imports.ImportRequest:
        return imports.ImportRequest("g.csv", FILE, kind="donors", mapping=mapping)

    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db)
        imports.import_file(db, ruth, request(MAPPING), today=today, now=now)
        mapping_id = only(db, ruth).mapping_id
    with ThreadPoolExecutor(1) as pool:
        with transaction(ruth) as editing:
            imports.edit_mapping(editing, ruth, mapping_id=mapping_id, version=1, mapping=OTHER)

            def bring_in() -> None:
                with transaction_for_system() as db:
                    fewer = {"Giver": "name"}
                    imports.import_file(db, ruth, request(fewer), today=today, now=now)

            importing = pool.submit(bring_in)
            with pytest.raises(TimeoutError):
                importing.result(timeout=3)
        importing.result(timeout=30)
    with transaction(ruth) as db:
        assert [dict(each.mapping) for each in only(db, ruth).versions] == [
            {"Giver": "name"},
            OTHER,
            MAPPING,
        ]
