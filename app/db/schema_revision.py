"""Which migration the schema is at, without Alembic: every process asks this as it starts."""

from sqlalchemy import text

from app.db.session import engine
from app.settings import ROOT

VERSIONS = ROOT / "migrations" / "versions"


def newest() -> str:
    """Return the newest migration: their files are numbered in the order they run."""
    return max(path.stem for path in VERSIONS.glob("[0-9]*.py"))


def current() -> str | None:
    """Return the last migration that has run, or None if none has."""
    with engine().connect() as connection:
        if connection.scalar(text("select to_regclass('alembic_version')")) is None:
            return None
        revision: str | None = connection.scalar(text("select version_num from alembic_version"))
        return revision


def at_head() -> bool:
    """Return whether every migration has run."""
    return current() == newest()


def has_schema() -> bool:
    """Return whether any migration has run."""
    return current() is not None
