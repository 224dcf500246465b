"""The chain of migrations: up, down and up again on data, and no drift from the models."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, text

from app.db import migrate
from app.db.session import engine
from app.db.statements import timeouts
from app.kit.errors import ConfigurationError
from app.settings import ROOT

TABLES = """
    select count(*) from pg_class c
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
      and relname <> 'alembic_version'
      and not exists (select 1 from pg_depend where objid = c.oid and deptype = 'e')
"""


@pytest.fixture
def connection(database: URL) -> Iterator[Connection]:
    with engine().connect() as connection:
        yield connection


def config(connection: Connection) -> Config:
    alembic = Config(toml_file="pyproject.toml")
    alembic.attributes["connection"] = connection
    return alembic


def test_the_models_and_the_migrations_say_the_same(connection: Connection) -> None:
    command.check(config(connection))


def test_down_leaves_nothing_and_up_again_works_on_data(connection: Connection) -> None:
    connection.execute(text("insert into donor (name) values ('Ines Duarte')"))
    connection.execute(
        text(
            "insert into gift (donor_id, amount_minor, currency, base_minor, gift_date)"
            " select id, 5000, 'USD', 5000, '2026-01-31' from donor"
        )
    )
    connection.commit()
    command.downgrade(config(connection), "0006_gifts")
    command.upgrade(config(connection), "head")
    connection.commit()
    total = connection.execute(text("select total_minor from donor_summary")).scalar_one()
    assert total == 5000
    found = connection.execute(text("select text from donor_search")).scalar_one()
    assert found == "ines duarte"
    command.downgrade(config(connection), "base")
    connection.commit()
    assert connection.execute(text(TABLES)).scalar_one() == 0
    command.upgrade(config(connection), "head")
    connection.commit()
    assert connection.execute(text(TABLES)).scalar_one() > 40


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("begin", "move", "end"),
    [
        pytest.param(
            "0013_row_level_security", migrate.downgrade, "0008_summary_triggers", id="down"
        ),
        # new triggers on the tables of before
        pytest.param("0009_work", migrate.upgrade, "0010_data_version", id="up"),
    ],
)
def test_a_migration_that_waits_for_a_lock_ends_with_an_error(
    monkeypatch: pytest.MonkeyPatch, begin: str, move: Callable[..., object], end: str
) -> None:
    """By the setting in env.py for all migrations."""
    migrate.downgrade(begin)
    monkeypatch.setattr(timeouts, "SCHEMA_LOCK", timedelta(seconds=1))
    # without the setting it would wait this long
    monkeypatch.setattr(timeouts, "WHOLE_DATABASE", timedelta(seconds=20))
    with engine().connect() as other:
        other.execute(text("lock table alert in row exclusive mode"))
        began = time.monotonic()
        with pytest.raises(ConfigurationError, match="waited 1 second for a table"):
            move(end)
        assert time.monotonic() - began < 15
        # the other connection is not disturbed
        assert other.execute(text("select count(*) from alert")).scalar_one() == 0
    move(end)
    migrate.upgrade()
    migrate.check()


VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


@pytest.mark.parametrize("file", VERSIONS, ids=lambda file: file.stem)
def test_a_migration_is_numbered_short_and_sets_no_timeout(file: Path) -> None:
    code = file.read_text()
    assert file.stem.startswith(f"{VERSIONS.index(file) + 1:04}_")
    assert f'revision = "{file.stem}"' in code
    assert code.count("\n") <= 300
    assert "lock_timeout" not in code
