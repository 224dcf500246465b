"""Statement timeouts by kind of work; the server cancels a statement that takes longer.

Screens and API requests have the timeout of the settings (`STATEMENT_TIMEOUT_MS`), which
`session.engine` sets for every connection. Longer timeouts are defined here. Every statement has
a timeout: one that never ends would hold its locks and block all others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from psycopg2.errors import QueryCanceled
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kit.errors import DonorCrmError
from app.kit.formatting import count
from app.settings import settings

# reading and comparing a file while a user waits for its import plan
PLANNING = timedelta(minutes=2)
# committing or undoing an import
WRITING = timedelta(minutes=30)
# waiting until another import has ended
TURN = timedelta(hours=2)
JOB = timedelta(minutes=30)
EXPORT = timedelta(minutes=30)
# a backup, a restore, a migration, or demo data of any size
WHOLE_DATABASE = timedelta(hours=6)
# A change of the schema that waits for a lock blocks every later query of the table, so it fails
# soon instead.
SCHEMA_LOCK = timedelta(seconds=5)

# set by `longer` for the transactions opened below it
_longer: ContextVar[timedelta | None] = ContextVar("longer", default=None)


class TookTooLongError(DonorCrmError):
    """A statement was cancelled at its timeout; the work is rolled back."""

    status = 503


def milliseconds(limit: timedelta) -> int:
    """Return a timeout in milliseconds, at least the one of the settings."""
    return max(settings().statement_timeout_ms, limit // timedelta(milliseconds=1))


def timeout_sentence(limit: timedelta) -> str:
    """Format a timeout for a sentence: "2 minutes", "6 hours"."""
    seconds = milliseconds(limit) // 1000
    for unit, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= unit and seconds % unit == 0:
            return count(seconds // unit, name)
    return f"{milliseconds(limit)} ms"


def allow(db: Session | Connection, limit: timedelta) -> None:
    """Set the timeout of the further statements of this transaction."""
    # not a query, so that the isolation level may still be set after it
    db.execute(text(f"set local statement_timeout = {milliseconds(limit)}"))


def allow_always(connection: Connection, limit: timedelta) -> None:
    """Set the timeout of the further statements of a connection outside any transaction.

    The caller must not return the connection to the pool, where it would keep the timeout.
    """
    connection.execute(text(f"set statement_timeout = {milliseconds(limit)}"))


def current_timeout(connection: Connection) -> int:
    """Return the timeout, in milliseconds, that the server has for this connection; 0 is none."""
    query = text("select setting::int from pg_settings where name = 'statement_timeout'")
    return int(connection.execute(query).scalar_one())


@contextmanager
def at_most(db: Session, limit: timedelta, *, otherwise: str) -> Iterator[None]:
    """Set the statement timeout and raise `otherwise` as the message when it is exceeded.

    The timeout stays until the transaction ends or another is set.

    Raises:
        TookTooLongError: a statement was cancelled; the message is `otherwise`.
    """
    allow(db, limit)
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, QueryCanceled):
            raise TookTooLongError(otherwise) from error
        raise


@contextmanager
def longer(limit: timedelta) -> Iterator[None]:
    """Set the timeout for all transactions opened inside the block, as in a job."""
    before = _longer.set(limit)
    try:
        yield
    finally:
        _longer.reset(before)


def begin(db: Session) -> None:
    """Set the timeout of an enclosing `longer` block, if any, on a new transaction."""
    limit = _longer.get()
    if limit is not None:
        allow(db, limit)
