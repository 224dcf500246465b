"""Schema migrations up and down; a lock prevents two processes from migrating at once.

Alembic is imported where it is used: it is slow to import, and most processes migrate nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.db import squashed
from app.db.models import Base
from app.db.monitoring import pooling
from app.db.schema_revision import at_head
from app.db.session import engine
from app.db.statements import timeouts
from app.kit.errors import ConfigurationError, InvalidError
from app.kit.formatting import count
from app.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config

# any number, the same in every process
LOCK = 7_041_976


def upgrade(revision: str = "head") -> None:
    """Run the migrations up to `revision`.

    Raises:
        InvalidError: there is no such migration. ConfigurationError: the database is of an older
        development version, another connection holds a lock that a migration waits for, or
        DATABASE_URL leads to a pooler that lends connections for a transaction.
    """
    from alembic import command  # noqa: PLC0415 - see above

    pooling.check_connections()
    with _alone() as connection, _in_words():
        squashed.adopt(connection)
        command.upgrade(_config(connection), revision)


def downgrade(revision: str) -> None:
    """Run the migrations down to `revision` ("base" for an empty database).

    Raises:
        InvalidError: there is no such migration. ConfigurationError: as for `upgrade`.
    """
    from alembic import command  # noqa: PLC0415 - see above

    with _alone() as connection, _in_words():
        squashed.adopt(connection)
        command.downgrade(_config(connection), revision)


def check() -> None:
    """Compare the models with the schema of the database.

    Raises:
        ConfigurationError: they differ, or migrations are missing.
    """
    if not at_head():
        msg = "The database is not at the newest migration. Run: python -m app db upgrade"
        raise ConfigurationError(msg)
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - see above
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with engine().connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": _ours, "compare_server_default": True}
        )
        drift = compare_metadata(context, Base.metadata)
    if drift:
        msg = f"The models and the database differ in {len(drift)} places: {drift[0]}"
        raise ConfigurationError(msg)


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone() -> Iterator[Connection]:
    """Yield a connection that holds the migration lock, with a long statement timeout.

    A second process waits until the connection is closed.
    """
    with engine().connect() as connection:
        limit = timeouts.milliseconds(timeouts.WHOLE_DATABASE)
        connection.execute(text(f"set statement_timeout = {limit}"))
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        # the lock belongs to the session; the open transaction would block the migrations
        connection.commit()
        try:
            yield connection
            connection.commit()
        finally:
            # not returned to the pool, where it would keep the lock and the long timeout
            connection.invalidate()


@contextmanager
def _in_words() -> Iterator[None]:
    from alembic.util import CommandError  # noqa: PLC0415 - see above

    try:
        yield
    except CommandError as error:
        msg = f"{error}. The folder migrations/versions holds the migrations there are."
        raise InvalidError(msg) from error
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        waited = count(timeouts.SCHEMA_LOCK // timedelta(seconds=1), "second")
        msg = (
            f"A migration waited {waited} for a table that another connection uses, and "
            "was rolled back. Stop the other processes of DonorCRM and try again."
        )
        raise ConfigurationError(msg) from error


def _ours(_object: object, name: str | None, kind: str, *_more: object) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate_"))
