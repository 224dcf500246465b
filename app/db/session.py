"""One call, one transaction: commit at the edge, nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg2
from psycopg2.errors import QueryCanceled
from psycopg2.extensions import make_dsn
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.db import entering, parameters, slow_query_log, timeouts
from app.db.embedded import server as embedded
from app.kit.errors import ConfigurationError
from app.settings import parsed, settings

__all__ = [
    "Session",
    "database_url",
    "dispose",
    "elsewhere",
    "engine",
    "psycopg_dsn",
    "transaction",
    "transaction_for_system",
]

OLDEST, NEWEST = 15, 18
CROWDED = "Too many people are at work just now. Nothing was saved; please try again in a moment."
TOO_LONG = "This took too long and was stopped. Nothing was saved; ask for less at once."
OUT_OF_REACH = "The database cannot be reached just now. Nothing was saved; please try again."


# the one database a command works in instead of its own
_elsewhere: list[URL] = []


@cache
def database_url() -> URL:
    """Return the database's address, starting the private server first when it is ours."""
    if _elsewhere:
        return _elsewhere[0]
    chosen = settings()
    if chosen.embedded:
        return embedded.start(chosen.data_dir / "postgres")
    return make_url(chosen.sqlalchemy_url)


@cache
def engine() -> Engine:
    """Build the engine on first use, so importing is free of side effects."""
    chosen = settings()
    made = create_engine(
        database_url(),
        pool_size=chosen.db_pool_size,
        max_overflow=chosen.db_max_overflow,
        pool_recycle=chosen.db_pool_recycle,
        pool_pre_ping=chosen.db_pool_pre_ping,
        pool_timeout=10,
        # a statement's values are people's data, and an error's text would quote them
        hide_parameters=True,
        connect_args={
            # starting parallel workers costs a screen's short query more than they save
            "options": f"-c statement_timeout={chosen.statement_timeout_ms} -c timezone=UTC"
            " -c parallel_setup_cost=20000",
            "application_name": "donorcrm",
            "connect_timeout": 10,
        },
        json_serializer=parameters.to_json,
    )
    event.listen(made, "do_connect", _connect)
    slow_query_log.watch(made)
    parameters.guard(made)
    return made


def dispose() -> None:
    """Forget the engine and its connections, as after a fork or when the address changes."""
    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
    database_url.cache_clear()


@contextmanager
def elsewhere(address: str) -> Iterator[None]:
    """Work in the database of another address for a while; for commands, which do one thing.

    Raises:
        ConfigurationError: it is no PostgreSQL's address.
    """
    there = parsed(address)
    dispose()
    _elsewhere.append(there)
    try:
        yield
    finally:
        dispose()
        _elsewhere.clear()


def psycopg_dsn() -> str:
    """Return the same database as libpq spells it, for psycopg, the queue's worker and COPY."""
    url = database_url()
    named = url.translate_connect_args(username="user", database="dbname")
    return str(
        make_dsn(
            **named, **{name: ",".join(values) for name, values in url.normalized_query.items()}
        )
    )


@contextmanager
def transaction(who: entering.Somebody | None = None) -> Iterator[Session]:
    """Open a person's session that commits on success and rolls back on any error.

    The database itself shows it what this person may see, and nothing about donors when nobody is
    named. In a View as it can only be read in. Who was signed out, deactivated or given another
    role since they were recognised is refused in the statement that begins it.

    Raises:
        SignedOutError, NotAllowedError: the person is not who they were; nothing was saved.
        ConfigurationError: the database cannot be reached; nothing was saved.
        TookTooLongError: a statement took longer than it may; nothing was saved.
    """
    with transaction_for_system() as session:
        entering.enter(session, who)
        yield session


@contextmanager
def transaction_for_system(acting: entering.Somebody | None = None) -> Iterator[Session]:
    """Open the same for the scheduler, a command, a sign-in or an import: every row is in sight.

    A screen that needs the system's sight names the person it acts for, who is refused as in
    `transaction`.

    Raises:
        SignedOutError, NotAllowedError: `acting` is not who they were; nothing was saved.
        ConfigurationError, TookTooLongError: as `transaction` does.
        UnstorableValueError: the database refused a value; nothing was saved.
    """
    try:
        with Session(engine(), expire_on_commit=False) as session, session.begin():
            timeouts.begin(session)
            if acting is not None:
                entering.require_current(session, acting)
            yield session
    except OperationalError as error:
        if error.connection_invalidated:
            raise ConfigurationError(OUT_OF_REACH) from error
        if isinstance(error.orig, QueryCanceled):
            raise timeouts.TookTooLongError(TOO_LONG) from error
        raise
    except DataError as error:
        if parameters.is_from_outside(error):
            raise parameters.UnstorableValueError(parameters.OUT_OF_RANGE) from error
        raise
    except PoolTimeout as error:
        raise ConfigurationError(CROWDED) from error


def _connect(_dialect: Any, _record: Any, positional: Any, named: Any) -> Any:
    """Open a connection; a private server that was killed meanwhile is started again."""
    try:
        connection = psycopg2.connect(*positional, **named)
    except psycopg2.OperationalError as error:
        if _elsewhere or not settings().embedded:
            raise ConfigurationError(_refusal(error)) from error
        embedded.start(settings().data_dir / "postgres")
        connection = psycopg2.connect(*positional, **named)
    _check_version(connection.server_version // 10_000)
    return connection


def _refusal(error: psycopg2.OperationalError) -> str:
    reason = " ".join(str(error).split())
    return f"The database server does not let us in: {reason}. Check DATABASE_URL and the server."


def _check_version(major: int) -> None:
    if not OLDEST <= major <= NEWEST:
        msg = (
            f"The database server is PostgreSQL {major}. "
            f"DonorCRM needs a version from {OLDEST} to {NEWEST}."
        )
        raise ConfigurationError(msg)
