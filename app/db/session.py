"""One call, one transaction: commit at the edge, nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import embedded
from app.kit.errors import ConfigurationError
from app.settings import settings

__all__ = ["Session", "conninfo", "database_url", "dispose", "engine", "transaction"]

OLDEST, NEWEST = 150_000, 190_000


@cache
def database_url() -> URL:
    """Return the database's address, starting the private server first when it is ours."""
    chosen = settings()
    if chosen.embedded:
        return embedded.start(chosen.data_dir / "postgres")
    return chosen.server_url


@cache
def engine() -> Engine:
    """Build the engine on first use, so importing is free of side effects."""
    chosen = settings()
    made = create_engine(
        database_url(),
        pool_size=chosen.db_pool_size,
        max_overflow=chosen.db_max_overflow,
        pool_recycle=chosen.db_pool_recycle,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args={
            "options": f"-c statement_timeout={chosen.db_statement_timeout_ms} -c timezone=UTC",
            "application_name": "donorcrm",
            "connect_timeout": 10,
        },
    )
    event.listen(made, "first_connect", _check_version)
    return made


def _check_version(connection: Any, _record: Any) -> None:
    if not OLDEST <= connection.server_version < NEWEST:
        msg = (
            f"The database server is PostgreSQL {connection.server_version // 10_000}. "
            "DonorCRM needs 15, 16, 17 or 18."
        )
        raise ConfigurationError(msg)


def dispose() -> None:
    """Forget the engine and its connections, as after a fork or when the address changes."""
    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
    database_url.cache_clear()


def conninfo() -> str:
    """Return the address as libpq reads it, for psycopg and the queue's worker."""
    url = database_url()
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session that commits on success and rolls back on any error.

    Raises:
        ConfigurationError: the database cannot be reached; nothing was saved.
    """
    try:
        with Session(engine(), expire_on_commit=False) as session, session.begin():
            yield session
    except OperationalError as error:
        if error.connection_invalidated or "connect" in str(error.orig):
            msg = "The database cannot be reached just now. Nothing was saved; please try again."
            raise ConfigurationError(msg) from error
        raise
