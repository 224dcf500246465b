"""The newest migration and the one a database is at, read without Alembic."""

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from app.db import migrate, schema_revision
from app.settings import ROOT


def test_the_newest_file_is_the_head_that_alembic_finds() -> None:
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    assert schema_revision.newest() == head


def test_a_migrated_database_is_at_it(database: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    assert schema_revision.current() == schema_revision.newest()
    assert schema_revision.at_head()
    assert schema_revision.has_schema()
    monkeypatch.setattr(schema_revision, "newest", lambda: "9999_later")
    assert not schema_revision.at_head()


def test_an_empty_database_is_at_none(database: URL) -> None:
    migrate.downgrade("base")
    # the table of Alembic is still there, without a row
    assert schema_revision.current() is None
    assert not schema_revision.has_schema()
    assert not schema_revision.at_head()
