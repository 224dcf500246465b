"""Temporary database beside the application's, for restore drills."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.db.session import Session, database_url, engine
from app.db.statements import timeouts
from app.kit.errors import ConflictError

SUFFIX = "_restore_drill"
# the server truncates longer names
LONGEST = 63
MADE_BY = "DonorCRM: a restore drill. It is removed by itself."


def may_create_databases(db: Session) -> bool:
    """Return whether the database user may create databases."""
    statement = "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
    return bool(db.scalar(text(statement)))


def user(db: Session) -> str:
    """Return the name of the database user."""
    return str(db.scalar(text("select current_user")))


def size(db: Session) -> int:
    """Return the size of the database in bytes."""
    return int(db.scalar(text("select pg_database_size(current_database())")) or 0)


@contextmanager
def scratch_database() -> Iterator[str]:
    """Yield the URL of an empty database on the same server with the same encoding and collation.

    It is dropped at the end.

    Raises:
        ConflictError: a database of its name exists and cannot be removed.
    """
    name = f"{(database_url().database or '')[: LONGEST - len(SUFFIX)]}{SUFFIX}"
    with _server() as connection:
        remove_leftover(connection, name)
        connection.execute(text(f'create database "{name}" {_creation_options(connection)}'))
        connection.execute(text(f"comment on database \"{name}\" is '{MADE_BY}'"))
    try:
        yield database_url().set(database=name).render_as_string(hide_password=False)
    finally:
        with _server() as connection:
            _drop(connection, name)


@contextmanager
def _server() -> Iterator[Connection]:
    """Yield a connection in autocommit mode with a long statement timeout."""
    with engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        timeouts.allow_always(connection, timeouts.WHOLE_DATABASE)
        try:
            yield connection
        finally:
            connection.invalidate()


def remove_leftover(connection: Connection, name: str) -> None:
    """Drop the database of a killed drill; never one made otherwise, or one in use."""
    statement = text(
        "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database"
        " where datname = :name"
    )
    comment = connection.scalar(statement, {"name": name})
    if comment is None:
        return
    msg = (
        f"The database {name} is in the way of a restore drill. Remove it, or wait until it ends."
    )
    if comment != MADE_BY:
        raise ConflictError(msg)
    try:
        connection.execute(text(f'drop database "{name}"'))
    except DBAPIError as error:
        raise ConflictError(msg) from error


def _drop(connection: Connection, name: str) -> None:
    """Drop a database, ending our connections to it and waiting up to 5 seconds for others.

    `with (force)` fails for a user who is no superuser while autovacuum is at work in it.
    """
    ending = text(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = :name and usename = current_user"
    )
    connection.execute(ending, {"name": name})
    connection.execute(text(f'drop database if exists "{name}"'))


def _creation_options(connection: Connection) -> str:
    """Return the SQL options that give a new database our encoding and collation."""
    row: dict[str, Any] = connection.execute(
        text("""
        select to_jsonb(d) || jsonb_build_object('code', pg_encoding_to_char(d.encoding))
        from pg_database d where datname = current_database()
        """)
    ).scalar_one()
    options = f"template template0 encoding '{row['code']}' lc_collate '{row['datcollate']}'"
    options += f" lc_ctype '{row['datctype']}'"
    # named daticulocale in PostgreSQL 15 and 16
    locale = row.get("datlocale") or row.get("daticulocale")
    provider = {"i": "icu", "b": "builtin"}.get(row["datlocprovider"])
    return (
        f"{options} locale_provider {provider} {provider}_locale '{locale}'"
        if provider
        else options
    )
