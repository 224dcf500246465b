"""The demonstration's own database, beside that of the organisation on the same server."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - the class's real name
from sqlalchemy import URL, make_url

from app.db.embedded import server as embedded
from app.db.session import demonstration_url, dispose
from app.kit.errors import ConfigurationError
from app.settings import settings


def own_url() -> URL:
    """Return the URL of the organisation's own database, also while the demonstration is shown."""
    chosen = settings()
    if chosen.embedded:
        return embedded.start(chosen.data_dir / "postgres")
    return make_url(chosen.sqlalchemy_url)


def create_database() -> str:
    """Create the demonstration's database unless it exists, and return its URL with the password.

    Raises:
        ConfigurationError: the database user may not create databases.
    """
    own = own_url()
    target = demonstration_url(own)
    with _connected(own) as connection, connection.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", (target.database,))
        if cursor.fetchone() is None:
            _create(cursor, str(target.database), like=str(own.database))
    return target.render_as_string(hide_password=False)


def adopt_older_demonstration() -> bool:
    """Give a demonstration in the organisation's database of the embedded server its own one.

    Earlier versions loaded the demonstration into the only database. Return whether it was moved;
    the organisation's database is then new and empty.
    """
    own = own_url()
    target = demonstration_url(own)
    with _connected(own) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('organisation') is not null")
        if cursor.fetchone() != (True,):
            return False
        cursor.execute("select 1 from organisation where is_demo")
        if cursor.fetchone() is None:
            return False
    dispose()
    with _connected(own.set(database="postgres")) as connection, connection.cursor() as cursor:
        names = sql.Identifier(str(own.database)), sql.Identifier(str(target.database))
        try:
            cursor.execute(sql.SQL("alter database {} rename to {}").format(*names))
        except (errors.ObjectInUse, errors.DuplicateDatabase) as error:
            msg = "Another process of DonorCRM uses the database. Stop it and start again."
            raise ConfigurationError(msg) from error
        _create(cursor, str(own.database), like=str(target.database))
    return True


def _create(cursor: psycopg2.extensions.cursor, name: str, *, like: str) -> None:
    """Create an empty database with the encoding and collation of another one."""
    cursor.execute(
        """
        select pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider,
            coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
        from pg_database d where datname = %s
        """,
        (like,),
    )
    encoding, collate, ctype, provider, locale = cursor.fetchone() or ("UTF8", "C", "C", "c", None)
    statement = sql.SQL(
        "create database {} template template0 encoding {} lc_collate {} lc_ctype {}"
    ).format(sql.Identifier(name), sql.Literal(encoding), sql.Literal(collate), sql.Literal(ctype))
    if kind := {"i": "icu", "b": "builtin"}.get(provider):
        statement += sql.SQL(f" locale_provider {kind} {kind}_locale {{}}").format(
            sql.Literal(locale)
        )
    try:
        cursor.execute(statement)
    except errors.DuplicateDatabase:
        # another process was faster
        return
    except errors.InsufficientPrivilege as error:
        msg = (
            "The database user may not create the demonstration's database. Ask the "
            f"administrator of the database server for a database “{name}” that it owns."
        )
        raise ConfigurationError(msg) from error


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    """Yield a connection in autocommit mode: databases are created outside of transactions."""
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg2.connect(dsn, connect_timeout=10)
    except psycopg2.OperationalError as error:
        reason = " ".join(str(error).split())
        msg = f"The database server does not let us in: {reason}. Check DATABASE_URL."
        raise ConfigurationError(msg) from error
    connection.autocommit = True
    with closing(connection):
        yield connection
