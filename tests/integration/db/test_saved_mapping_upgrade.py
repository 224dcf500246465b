"""Migration 0014: what users mapped before is kept, shared as it was, and private if it is new."""

import json

import pytest
from sqlalchemy import URL, Connection, text

from app.db import migrate, transaction_for_system
from app.db.session import engine
from tests import factories as make

BEFORE, AFTER = "0013_row_level_security", "0014_saved_mappings"
LAYOUT = """
    insert into import_layout
        (id, origin, version, name, header_key, headers, kind, mapping, words, made_by)
    values (:id, :origin, :version, :name, :key, :headers, 'donors', :mapping, :words, :by)
"""
PRESET = """
    insert into mapping_preset (user_id, name, header_key, kind, mapping, words)
    values (:by, 'old.csv', :key, 'donors', :mapping, :words)
"""
COLUMNS = "m.name, m.shared, v.version, v.header_key, v.mapping, u.name as owner"


@pytest.fixture
def people(database: URL) -> list[int]:
    with transaction_for_system() as db:
        return [make.person(db, name=name).user_id for name in ("Ruth", "Sam")]


def layout(connection: Connection, **values: object) -> None:
    values = {"mapping": {"A": "name"}, "words": {}, "headers": ["A"]} | values
    encoded = {
        name: json.dumps(value) if name in {"mapping", "words", "headers"} else value
        for name, value in values.items()
    }
    connection.execute(text(LAYOUT), encoded)


def preset(
    connection: Connection, by: int, key: str, mapping: object, words: object = None
) -> None:
    values = {"by": by, "key": key, "mapping": json.dumps(mapping)}
    connection.execute(text(PRESET), values | {"words": json.dumps(words or {})})


def saved() -> list[dict[str, object]]:
    statement = (
        f"select {COLUMNS} from saved_mapping m"
        " join saved_mapping_version v on v.mapping_id = m.id"
        " left join app_user u on u.id = m.user_id order by m.id, v.version"
    )
    with engine().connect() as connection:
        return [dict(row) for row in connection.execute(text(statement)).mappings()]


def test_layouts_stay_shared_and_only_unsaved_choices_stay_drafts(people: list[int]) -> None:
    ruth, sam = people
    migrate.downgrade(BEFORE)
    with engine().begin() as connection:
        layout(connection, id=3, origin=3, version=1, name="jan.csv", key="k", by=ruth)
        feb = {"A": "name", "B": "email"}
        layout(connection, id=7, origin=3, version=2, name="feb.csv", key="k", by=sam, mapping=feb)
        layout(connection, id=8, origin=8, version=1, name="funds.csv", key="f", by=None)
        preset(connection, sam, "k", feb)
        preset(connection, ruth, "k", {"A": "last_name"})
        preset(connection, ruth, "other", {"A": "name"})
        preset(connection, ruth, "known", {}, {"status": {"x": "donor"}})
    migrate.upgrade(AFTER)
    name = {"A": "name"}
    facts = [
        (row["name"], row["shared"], row["version"], row["mapping"], row["owner"])
        for row in saved()
    ]
    assert facts == [
        ("feb.csv", True, 1, name, "Ruth"),
        ("feb.csv", True, 2, feb, "Ruth"),
        ("funds.csv", True, 1, name, None),
    ]
    with engine().begin() as connection:
        drafts = connection.execute(
            text("select user_id, header_key from mapping_draft order by id")
        ).all()
        assert [tuple(draft) for draft in drafts] == [
            (ruth, "k"),
            (ruth, "other"),
            (ruth, "known"),
        ]
        # the next ids are free
        adding = "insert into saved_mapping (user_id, name, kind) values (:by, 'new', 'donors')"
        new_id = connection.execute(text(f"{adding} returning id"), {"by": ruth}).scalar_one()
        assert new_id == 9
        connection.execute(
            text(
                "insert into saved_mapping_version"
                " (mapping_id, version, header_key, headers, mapping)"
                " values (:id, 1, 'mine', '[]', '{\"C\": \"name\"}')"
            ),
            {"id": new_id},
        )


@pytest.mark.usefixtures("database")
def test_a_downgrade_shows_no_private_mapping_to_others() -> None:
    with transaction_for_system() as db:
        ann = make.person(db, name="Ann")
        make.saved_mapping(db, ann, name="mine.csv")
        make.saved_mapping(db, ann, name="ours.csv", shared=True)
    migrate.downgrade(BEFORE)
    with engine().connect() as connection:
        layouts = connection.execute(text("select name, version, made_by from import_layout"))
        assert [tuple(row) for row in layouts] == [("ours.csv", 1, ann.user_id)]
        presets = connection.execute(text("select name, user_id, mapping from mapping_preset"))
        assert [tuple(row) for row in presets] == [("mine.csv", ann.user_id, {"Who": "name"})]
    migrate.upgrade(AFTER)
    migrate.upgrade()
    migrate.check()
    assert [(row["name"], row["shared"]) for row in saved()] == [("ours.csv", True)]
