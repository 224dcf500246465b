"""The demonstration's database beside that of the organisation."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL, text

from app import demonstration_mode
from app.db import demonstration, elsewhere, migrate, schema_revision, transaction_for_system
from app.db.embedded import server as embedded
from app.db.session import database_url, demonstration_url, dispose, engine
from app.kit.errors import ConfigurationError
from app.settings import settings
from tests import database as run
from tests import factories as make


@pytest.fixture
def own(database: URL) -> Iterator[URL]:
    """A database of an organisation; the one beside it is dropped afterwards."""
    yield database
    dispose()
    run.admin(f'drop database if exists "{demonstration_url(database).database}" with (force)')


def test_it_is_made_once_like_the_first_one(own: URL) -> None:
    address = demonstration.create_database()
    assert demonstration.create_database() == address
    with elsewhere(address):
        migrate.upgrade()
        with transaction_for_system() as db:
            name, *options = db.execute(
                text("""
                select datname, encoding, datcollate, datlocprovider from pg_database
                where datname = current_database()
                """)
            ).one()
    with transaction_for_system() as db:
        own_name, *own_options = db.execute(
            text("""
            select datname, encoding, datcollate, datlocprovider from pg_database
            where datname = current_database()
            """)
        ).one()
    assert (own_name, name) == (own.database, f"{own.database}_demo")
    assert options == own_options


def test_every_process_uses_the_database_of_the_mode(own: URL) -> None:
    demonstration.create_database()
    demonstration_mode.turn_on(settings().data_dir)
    settings.cache_clear()
    dispose()
    assert database_url().database == f"{own.database}_demo"
    assert demonstration.own_url().database == own.database
    with engine().connect() as connection:
        assert connection.scalar(text("select current_database()")) == f"{own.database}_demo"
    demonstration_mode.turn_off(settings().data_dir)
    settings.cache_clear()
    dispose()
    assert database_url().database == own.database


def test_a_long_name_stays_within_what_the_server_keeps() -> None:
    long = demonstration_url(URL.create("postgresql", database="d" * 63)).database
    assert long == "d" * 58 + "_demo"


def test_without_the_right_to_create_databases_the_sentence_says_whom_to_ask(own: URL) -> None:
    run.admin(f"alter role {own.username} nocreatedb")
    try:
        with pytest.raises(ConfigurationError, match="administrator of the database server"):
            demonstration.create_database()
    finally:
        run.admin(f"alter role {own.username} createdb")


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An embedded server of an earlier version: the demonstration is in the only database."""
    folder = Path(tempfile.mkdtemp(prefix="dc-"))
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("DATA_DIR", str(folder))
    settings.cache_clear()
    dispose()
    embedded.start(folder / "postgres", durable=False)
    yield folder
    dispose()
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder)


def test_a_demonstration_of_an_earlier_version_moves_to_a_database_of_its_own(older: Path) -> None:
    assert not demonstration.adopt_older_demonstration(), "an empty database has none"
    migrate.upgrade()
    with transaction_for_system() as db:
        make.organisation(db, name="Lantern Harbour Trust", is_demo=True)
    with closing(psycopg2.connect(own_dsn())) as other, other.cursor():
        dispose()
        with pytest.raises(ConfigurationError, match="Another process"):
            demonstration.adopt_older_demonstration()
    assert demonstration.adopt_older_demonstration()
    assert not schema_revision.has_schema(), "the organisation's database is new"
    migrate.upgrade()
    assert not demonstration.adopt_older_demonstration()
    with elsewhere(demonstration.create_database()), transaction_for_system() as db:
        name = db.scalar(text("select name from organisation"))
    assert name == "Lantern Harbour Trust"


def own_dsn() -> str:
    own = demonstration.own_url().set(drivername="postgresql")
    return own.render_as_string(hide_password=False)
