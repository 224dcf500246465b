"""A database of its own beside ours, for a trial; it is removed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.db import timeouts
from app.db.session import Session, database_url, engine
from app.kit.errors import ConflictError

SUFFIX = "_restore_drill"
# names longer than this are cut off by the server
LONGEST = 63
MADE_BY = "DonorCRM: a restore drill. It is removed by itself."


def may_create_databases(db: Session) -> bool:
    """Whether the database's user has the right to create another database."""
    statement = "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
    return bool(db.scalar(text(statement)))


def user(db: Session) -> str:
    """Return the name of the database's user."""
    return str(db.scalar(text("select current_user")))


def size(db: Session) -> int:
    """Return how many bytes the database takes."""
    return int(db.scalar(text("select pg_database_size(current_database())")) or 0)


@contextmanager
def scratch_database() -> Iterator[str]:
    """Lend the address of an empty database on the same server, which sorts text as ours does.

    Raises:
        ConflictError: there is one of its name that cannot be removed.
    """
    name = f"{(database_url().database or '')[: LONGEST - len(SUFFIX)]}{SUFFIX}"
    with _server() as connection:
        _remove(connection, name)
        connection.execute(text(f'create database "{name}" {_like_ours(connection)}'))
        connection.execute(text(f"comment on database \"{name}\" is '{MADE_BY}'"))
    try:
        yield database_url().set(database=name).render_as_string(hide_password=False)
    finally:
        with _server() as connection:
            connection.execute(text(f'drop database if exists "{name}" with (force)'))


@contextmanager
def _server() -> Iterator[Connection]:
    """Lend a connection outside any transaction, with hours for a statement."""
    with engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        timeouts.allow_always(connection, timeouts.WHOLE_DATABASE)
        try:
            yield connection
        finally:
            connection.invalidate()


def _remove(connection: Connection, name: str) -> None:
    """Remove what a killed drill left; never a database that is somebody's, or in use."""
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


def _like_ours(connection: Connection) -> str:
    """Spell the encoding and sort order of our database for another one."""
    row: dict[str, Any] = connection.execute(
        text("""
        select to_jsonb(d) || jsonb_build_object('code', pg_encoding_to_char(d.encoding))
        from pg_database d where datname = current_database()
        """)
    ).scalar_one()
    spelled = f"template template0 encoding '{row['code']}' lc_collate '{row['datcollate']}'"
    spelled += f" lc_ctype '{row['datctype']}'"
    # PostgreSQL 15 and 16 call it daticulocale
    locale = row.get("datlocale") or row.get("daticulocale")
    provider = {"i": "icu", "b": "builtin"}.get(row["datlocprovider"])
    return (
        f"{spelled} locale_provider {provider} {provider}_locale '{locale}'"
        if provider
        else spelled
    )
