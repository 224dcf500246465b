"""The chain of migrations: up, down and up again on data, and no drift from the models."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from app.db.session import engine

TABLES = """
    select count(*) from pg_class c
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
      and relname <> 'alembic_version'
      and not exists (select 1 from pg_depend where objid = c.oid and deptype = 'e')
"""


@pytest.fixture
def connection(database):
    with engine().connect() as connection:
        yield connection


def config(connection: Connection) -> Config:
    alembic = Config(toml_file="pyproject.toml")
    alembic.attributes["connection"] = connection
    return alembic


def test_the_models_and_the_migrations_say_the_same(connection):
    command.check(config(connection))


def test_down_leaves_nothing_and_up_again_works_on_data(connection):
    connection.execute(text("insert into donor (name) values ('Ines Duarte')"))
    connection.execute(
        text(
            "insert into gift (donor_id, amount_minor, currency, base_minor, gift_date)"
            " select id, 5000, 'USD', 5000, '2026-01-31' from donor"
        )
    )
    connection.commit()
    command.downgrade(config(connection), "20261123_core")
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
