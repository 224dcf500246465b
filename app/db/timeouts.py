"""How long one statement may take, by the kind of work; the server cancels what takes longer.

A screen and a request of the API have the time of the settings (`STATEMENT_TIMEOUT_MS`), which
`session.engine` gives every connection. Work that may take longer says so here. Nothing runs
without a limit: a statement without end holds its locks, and everybody behind them.
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

# a file read and compared while somebody waits for its plan
PLANNING = timedelta(minutes=2)
# a file carried out, or taken back
WRITING = timedelta(minutes=30)
# until another import has ended
TURN = timedelta(hours=2)
JOB = timedelta(minutes=30)
EXPORT = timedelta(minutes=30)
# a backup, a restore, a migration, a demonstration of any size
WHOLE_DATABASE = timedelta(hours=6)

# set by `longer` for the transactions opened below it
_longer: ContextVar[timedelta | None] = ContextVar("longer", default=None)


class TookTooLongError(DonorCrmError):
    """A statement was cancelled because its time was over; nothing of the work stays."""

    status = 503


def milliseconds(limit: timedelta) -> int:
    """Return a limit as the server takes it; never less than a screen has."""
    return max(settings().statement_timeout_ms, limit // timedelta(milliseconds=1))


def words(limit: timedelta) -> str:
    """Spell a limit for a sentence: "2 minutes", "6 hours"."""
    seconds = milliseconds(limit) // 1000
    for unit, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= unit and seconds % unit == 0:
            return count(seconds // unit, name)
    return f"{milliseconds(limit)} ms"


def allow(db: Session | Connection, limit: timedelta) -> None:
    """Let each further statement of this transaction take so long."""
    # no query, so that the isolation level may still be chosen after it
    db.execute(text(f"set local statement_timeout = {milliseconds(limit)}"))


def allow_always(connection: Connection, limit: timedelta) -> None:
    """Let each further statement of a connection outside any transaction take so long.

    The caller closes it for good: back in the pool it would keep the limit.
    """
    connection.execute(text(f"set statement_timeout = {milliseconds(limit)}"))


@contextmanager
def at_most(db: Session, limit: timedelta, *, otherwise: str) -> Iterator[None]:
    """Let each statement take so long, and say in a person's words when one took longer.

    The limit stays until the transaction ends or another is set.

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
    """Let the statements of every transaction opened meanwhile take so long, as in a job."""
    before = _longer.set(limit)
    try:
        yield
    finally:
        _longer.reset(before)


def begin(db: Session) -> None:
    """Give a transaction that begins the limit of the work around it, if that is longer."""
    limit = _longer.get()
    if limit is not None:
        allow(db, limit)
