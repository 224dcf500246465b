"""Connection poolers between the application and the database, such as PgBouncer.

Migrations, the scheduler and the worker hold locks, listen and set time limits for a connection.
A pooler that lends a server's connection for a transaction only gives these to somebody else.
"""

from datetime import timedelta

from sqlalchemy import Connection, text

from app.db.session import engine, replica_url
from app.db.statements.timeouts import current_timeout, milliseconds
from app.kit.errors import ConfigurationError
from app.settings import settings

SHARED = (
    "DATABASE_URL leads to a connection pooler that lends a connection for one transaction, as "
    "PgBouncer does with pool_mode = transaction. DonorCRM needs it longer, for locks and time "
    "limits. Name the PostgreSQL server itself, or set pool_mode = session for this database."
)
DROPPED = (
    "The connection pooler of DATABASE_URL ignores the time limits that DonorCRM sets when it "
    "connects: a statement may run for hours. Name the PostgreSQL server itself, or set them for "
    "its user: alter role … set statement_timeout to '15s'; alter role … set timezone to 'UTC'."
)


def check_connections() -> None:
    """Check the addresses of the database as a process starts.

    Raises:
        ConfigurationError: DATABASE_READ_URL is not valid, or DATABASE_URL leads to a pooler
            that lends connections for a transaction.
    """
    replica_url()
    if not settings().embedded and _is_shared():
        raise ConfigurationError(SHARED)


def ignored_limits() -> str | None:
    """Return a warning if a pooler drops the settings of our connections, or None."""
    with _quick() as connection:
        kept = current_timeout(connection) == milliseconds(timedelta(0))
    return None if kept else DROPPED


def _is_shared() -> bool:
    """Tell whether two connections ever have the same server process, or one has two."""
    with _quick() as first, _quick() as second:
        pids = [_pid(first), _pid(first)]
        with second.execution_options(isolation_level="READ COMMITTED").begin():
            other = _pid(second)
            pids.append(_pid(first))
    return len(set(pids)) > 1 or other in pids


def _quick() -> Connection:
    return engine().execution_options(isolation_level="AUTOCOMMIT").connect()


def _pid(connection: Connection) -> int:
    return int(connection.execute(text("select pg_backend_pid()")).scalar_one())
