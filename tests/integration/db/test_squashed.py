"""The numbered migrations make the schema that the migrations before them made, and take over
its databases; older ones are refused with a sentence and left alone."""

import gzip
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from typing import TypedDict

import pytest
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import backups
from app.backups import archive
from app.backups.queries import tables as queries
from app.db import aggregate_check, migrate, schema_revision, squashed, transaction_for_system
from app.db.embedded import server as embedded
from app.db.session import engine
from app.kit.errors import ConfigurationError, InvalidError
from tests import catalogue, releases
from tests import database as run
from tests.releases import NOW
from tests.values import present

TAKEN_OVER = [squashed.BEFORE_NAMES, squashed.LAST]
OLD = "20261128_mail_care"


@pytest.fixture
def bare(_template: None) -> Iterator[None]:
    """An empty database."""
    name = f"squashed_{os.getpid()}"
    run.admin(f"create database {name}")
    run.use(embedded.url(run.home(), name))
    yield
    run.use(run.NOWHERE)
    run.admin(f"drop database {name} with (force)")


def load_schema(release: str) -> None:
    """Run the dump of a release's schema, made by pg_dump at that time."""
    script = gzip.decompress((releases.FOLDER / f"{release}.sql.gz").read_bytes()).decode()
    with engine().connect() as connection:
        # not returned to the pool: the script changes settings of its session
        connection.detach()
        connection.exec_driver_sql(script.replace("%", "%%"))
        connection.exec_driver_sql(f"insert into public.alembic_version values ('{release}')")
        connection.commit()


class TableFacts(TypedDict):
    """What a manifest says of a table."""

    rows: int
    sha256: str
    sums: dict[str, int]
    columns: list[str]


class Manifest(TypedDict):
    """What these tests read of the manifest of a backup."""

    tables: dict[str, TableFacts]
    counters: dict[str, int]


def load_rows(release: str) -> Manifest:
    """Fill the tables from a release's backup and return the backup's manifest."""
    file = releases.FOLDER / f"{release}.zip"
    with zipfile.ZipFile(file) as whole:
        manifest: Manifest = json.loads(whole.read(archive.MANIFEST))
    with archive.Reader(file) as backup, Session(engine()) as db:
        with queries.laid_open(db, sorted(manifest["tables"])):
            for name, facts in manifest["tables"].items():
                with backup.table(name) as stream:
                    queries.copy_in(db, name, facts["columns"], stream)
        queries.set_counters(db, manifest["counters"])
        db.commit()
    return manifest


def described() -> dict[str, str]:
    with engine().connect() as connection:
        return catalogue.describe(connection, dumped=True)


def revision() -> str:
    with engine().connect() as connection:
        answer: str = connection.scalar(text("select version_num from alembic_version"))
        return answer


@pytest.mark.parametrize("release", TAKEN_OVER)
def test_the_schema_is_the_one_of_before(database: URL, bare: None, release: str) -> None:
    load_schema(release)
    migrate.upgrade()
    assert schema_revision.at_head()
    old = described()
    run.use(database)
    new = described()
    assert len(new) > 1500
    assert {name: old.get(name) for name in new} == new
    assert set(old) == set(new)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("release", TAKEN_OVER)
def test_a_database_is_taken_over_with_every_row(release: str) -> None:
    load_schema(release)
    manifest = load_rows(release)
    # the schema of then; later migrations have other tables
    migrate.upgrade(squashed.EQUAL)
    with transaction_for_system() as db:
        assert not any(aggregate_check.differences(db).values())
        counters = queries.counters(db)
        for name, facts in manifest["tables"].items():
            found = archive.Hashing()
            now_called = squashed.current_name(name)
            assert queries.copy_out(db, now_called, facts["columns"], found) == facts["rows"]
            assert found.sha256 == facts["sha256"], name
            assert queries.sums(db, now_called, facts["columns"]) == facts["sums"]
    for name, following in manifest["counters"].items():
        assert counters[squashed.current_name(name)] == following
    assert sum(facts["rows"] for facts in manifest["tables"].values()) > 1000
    migrate.upgrade()
    assert schema_revision.at_head()
    migrate.check()
    with transaction_for_system() as db:
        assert not any(aggregate_check.differences(db).values())
        for name in ("donor", "gift", "pledge", "task", "activity"):
            facts = manifest["tables"][name]
            assert db.scalar(text(f"select count(*) from {name}")) == facts["rows"]


@pytest.mark.usefixtures("bare")
def test_a_database_that_was_taken_over_goes_down_and_up() -> None:
    load_schema(squashed.BEFORE_NAMES)
    migrate.downgrade("base")
    assert not set(described()) & {"relation gift", "function note_change()"}
    migrate.upgrade()
    assert schema_revision.at_head()


def test_the_names_of_a_backup_follow_its_tables() -> None:
    assert squashed.current_name("regular_export") == "scheduled_export"
    assert squashed.current_name("regular_export_id_seq") == "scheduled_export_id_seq"
    assert squashed.current_name("gift") == "gift"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("move", [migrate.upgrade, lambda: migrate.downgrade("base")])
def test_an_older_database_is_refused_and_left_alone(move: Callable[..., object]) -> None:
    with engine().begin() as connection:
        connection.execute(text("insert into donor (name) values ('Ines Duarte')"))
        connection.execute(text("update alembic_version set version_num = :old"), {"old": OLD})
    before = described()
    with pytest.raises(ConfigurationError, match="earlier development version") as refused:
        move()
    assert OLD in str(refused.value)
    assert squashed.LAST in str(refused.value)
    assert revision() == OLD
    assert described() == before
    with engine().connect() as connection:
        assert connection.scalar(text("select count(*) from donor")) == 1


def test_an_older_backup_is_refused_and_nothing_is_replaced(database: URL) -> None:
    file = releases.FOLDER / f"{OLD}.zip"
    with engine().begin() as connection:
        connection.execute(text("insert into donor (name) values ('Ines Duarte')"))
    with pytest.raises(InvalidError, match="earlier development version") as refused:
        backups.restore(file, now=NOW, replace=present(database.database))
    assert OLD in str(refused.value)
    assert squashed.LAST in str(refused.value)
    assert schema_revision.at_head()
    with engine().connect() as connection:
        assert connection.scalar(text("select name from donor")) == "Ines Duarte"


@pytest.mark.usefixtures("bare")
def test_an_older_backup_leaves_an_empty_database_empty() -> None:
    with pytest.raises(InvalidError, match="nothing was changed"):
        backups.restore(releases.FOLDER / f"{OLD}.zip", now=NOW)
    assert not [name for name in described() if name.startswith("relation")]
