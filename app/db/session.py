"""Engines and transactions: commit at the end of a `with` block only, rollback on any error."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg2
import psycopg2.extensions
from psycopg2.errors import QueryCanceled
from psycopg2.extensions import make_dsn
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app import postgres_url
from app.db.embedded import server as embedded
from app.db.security import entering
from app.db.statements import parameters, slow_query_log, timeouts
from app.kit.errors import ConfigurationError
from app.settings import settings

__all__ = [
    "Session",
    "database_url",
    "demonstration_url",
    "dispose",
    "elsewhere",
    "engine",
    "psycopg_dsn",
    "replica_engine",
    "replica_url",
    "session_on",
    "transaction",
    "transaction_for_system",
]

OLDEST, NEWEST = 15, 18
# the end of the name of the demonstration's database; PostgreSQL's names have at most 63 bytes
DEMONSTRATION, LONGEST_NAME = "_demo", 63
CROWDED = "Too many people are at work just now. Nothing was saved; please try again in a moment."
# seconds to wait for a free connection of the pool
PATIENCE, REPLICA_PATIENCE = 10.0, 0.2
# A replica is left quickly: requests continue with the primary. The kernel gives up a server that
# has vanished under a running statement; the other waiting is limited by `replica.connection`.
REPLICA_PARAMETERS = {
    "connect_timeout": 2,
    "tcp_user_timeout": 1000,
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 2,
}
TOO_LONG = "This took too long and was stopped. Nothing was saved; ask for less at once."
READ_URL_ALONE = (
    "DATABASE_READ_URL names a replica of a database server, but the embedded database is used. "
    "Set DATABASE_URL to the primary, or leave DATABASE_READ_URL empty."
)
POOLER = (
    "DATABASE_URL leads to a connection pooler such as PgBouncer, which refuses the time limits "
    "that DonorCRM sets as it connects. Name the PostgreSQL server itself, or see docs/deploy.md."
)
OUT_OF_REACH = "The database cannot be reached just now. Nothing was saved; please try again."


# the database a command uses instead of the configured one
_elsewhere: list[URL] = []


@cache
def database_url() -> URL:
    """Return the URL of the database; start the embedded server first if it is used."""
    if _elsewhere:
        return _elsewhere[0]
    chosen = settings()
    if chosen.embedded:
        own = embedded.start(chosen.data_dir / "postgres")
    else:
        own = make_url(chosen.sqlalchemy_url)
    return demonstration_url(own) if chosen.demonstration else own


def demonstration_url(own: URL) -> URL:
    """Return the URL of the demonstration's database, beside the organisation's own."""
    name = f"{own.database or ''}"[: LONGEST_NAME - len(DEMONSTRATION)]
    return own.set(database=f"{name}{DEMONSTRATION}")


@cache
def replica_url() -> URL | None:
    """Return the URL of the read replica; None without one, or with a command's own database.

    Raises:
        ConfigurationError: DATABASE_READ_URL is no URL, or is set with the embedded database.
    """
    chosen = settings()
    if _elsewhere or not chosen.database_read_url:
        return None
    own = postgres_url.parse(chosen.database_read_url, setting="DATABASE_READ_URL")
    if chosen.embedded:
        raise ConfigurationError(READ_URL_ALONE)
    return demonstration_url(own) if chosen.demonstration else own


@cache
def engine() -> Engine:
    """Return the engine, created on first use so that importing has no side effects."""
    ping = settings().db_pool_pre_ping
    new_engine = _create(database_url(), {"connect_timeout": 10}, ping=ping, patience=PATIENCE)
    event.listen(new_engine, "do_connect", _connect)
    return new_engine


@cache
def replica_engine() -> Engine | None:
    """Return the engine of the read replica, or None without one; `replica.read` uses it."""
    url = replica_url()
    if url is None:
        return None
    # without a ping: each reading begins with a question to the replica
    return _create(url, REPLICA_PARAMETERS, ping=False, patience=REPLICA_PATIENCE)


def _create(url: URL, parameters_of: dict[str, int], *, ping: bool, patience: float) -> Engine:
    chosen = settings()
    new_engine = create_engine(
        url,
        pool_size=chosen.db_pool_size,
        max_overflow=chosen.db_max_overflow,
        pool_recycle=chosen.db_pool_recycle,
        pool_pre_ping=ping,
        pool_timeout=patience,
        # parameters are personal data, and the text of an error would quote them
        hide_parameters=True,
        connect_args={
            # for the short queries of screens parallel workers and compiled plans (jit) cost more
            # than they save
            "options": f"-c statement_timeout={chosen.statement_timeout_ms} -c timezone=UTC"
            " -c parallel_setup_cost=20000 -c jit=off",
            "application_name": "donorcrm",
            **parameters_of,
        },
        json_serializer=parameters.to_json,
    )
    slow_query_log.watch(new_engine)
    parameters.guard(new_engine)
    return new_engine


def dispose() -> None:
    """Dispose of the engines and their connections, as after a fork or when the URL changes."""
    for made in (engine, replica_engine):
        if made.cache_info().currsize and (old := made()) is not None:
            old.dispose()
        made.cache_clear()
    database_url.cache_clear()
    replica_url.cache_clear()


@contextmanager
def elsewhere(address: str) -> Iterator[None]:
    """Use the database of another URL inside the block; for commands only.

    Raises:
        ConfigurationError: the URL is not that of a PostgreSQL database.
    """
    target = postgres_url.parse(address)
    dispose()
    _elsewhere.append(target)
    try:
        yield
    finally:
        dispose()
        _elsewhere.clear()


def psycopg_dsn() -> str:
    """Return the database as a libpq connection string, for psycopg, the worker and COPY."""
    url = database_url()
    # of several hosts the ports are an argument of their own
    return str(make_dsn(**url.get_dialect()().create_connect_args(url)[1]))


@contextmanager
def transaction(identity: entering.DatabaseIdentity | None = None) -> Iterator[Session]:
    """Open a user's session that commits on success and rolls back on any error.

    Row-level security shows it what this user may see, and no donors without a user. During
    impersonation ("View as") it is read-only. A user who was signed out, deactivated or given
    another role since authentication is refused by the first statement.

    Raises:
        SignedOutError, NotAllowedError: see `entering.enter`; nothing was saved.
        ConfigurationError: the database cannot be reached; nothing was saved.
        TookTooLongError: a statement exceeded its timeout; nothing was saved.
    """
    with transaction_for_system() as session:
        entering.set_identity(session, identity)
        yield session


@contextmanager
def transaction_for_system(acting: entering.DatabaseIdentity | None = None) -> Iterator[Session]:
    """Open a session that sees every row, for the scheduler, commands, sign-ins and imports.

    A screen that needs it passes the acting user, who is refused as in `transaction`.

    Raises:
        SignedOutError, NotAllowedError: `acting` is refused; nothing was saved.
        ConfigurationError, TookTooLongError: as `transaction` does.
        UnstorableValueError: the database rejected a value; nothing was saved.
    """
    with session_on(engine()) as session:
        if acting is not None:
            entering.require_current(session, acting)
        yield session


@contextmanager
def session_on(bind: Engine | Connection) -> Iterator[Session]:
    """Open a session with the rights of the owner; errors become sentences for a user.

    Raises:
        ConfigurationError, TookTooLongError, UnstorableValueError: as `transaction_for_system`.
    """
    try:
        with Session(bind, expire_on_commit=False) as session, session.begin():
            timeouts.begin(session)
            yield session
    except OperationalError as error:
        if error.connection_invalidated:
            raise ConfigurationError(OUT_OF_REACH) from error
        if isinstance(error.orig, QueryCanceled):
            raise timeouts.TookTooLongError(TOO_LONG) from error
        raise
    except DataError as error:
        message = parameters.refusal(error)
        if message is None:
            raise
        raise parameters.UnstorableValueError(message) from error
    except PoolTimeout as error:
        raise ConfigurationError(CROWDED) from error


def _connect(
    _dialect: Dialect,
    _record: ConnectionPoolEntry,
    positional: Sequence[str],
    named: dict[str, Any],
) -> psycopg2.extensions.connection:
    """Open a connection; restart the embedded server if it was killed."""
    try:
        connection: psycopg2.extensions.connection = psycopg2.connect(*positional, **named)
    except psycopg2.OperationalError as error:
        if _elsewhere or not settings().embedded:
            raise ConfigurationError(_refusal(error)) from error
        embedded.start(settings().data_dir / "postgres")
        connection = psycopg2.connect(*positional, **named)
    _check_version(connection.server_version // 10_000)
    return connection


def _refusal(error: psycopg2.OperationalError) -> str:
    reason = " ".join(str(error).split())
    if "startup parameter" in reason:
        return POOLER
    return f"The database server does not let us in: {reason}. Check DATABASE_URL and the server."


def _check_version(major: int) -> None:
    if not OLDEST <= major <= NEWEST:
        msg = (
            f"The database server is PostgreSQL {major}. "
            f"DonorCRM needs a version from {OLDEST} to {NEWEST}."
        )
        raise ConfigurationError(msg)
