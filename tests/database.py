"""One PostgreSQL for the whole test run, and databases cloned from a migrated template."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, text

from app.db import embedded, migrate, session
from app.settings import settings

TEMPLATE = "template_donorcrm"
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
HOME = Path(tempfile.gettempdir()) / f"donorcrm-tests-{RUN}" / "postgres"


def server() -> URL:
    """Start (or find) the run's server and return the address of its first database."""
    return embedded.start(HOME, durable=False)


def stop() -> None:
    """Stop the run's server."""
    embedded.stop(HOME)


def use(url: URL) -> None:
    """Point the application at `url`."""
    session.dispose()
    os.environ["DATABASE_URL"] = url.render_as_string(hide_password=False)
    settings.cache_clear()


def admin(statement: str) -> None:
    """Run one statement outside a transaction on the server's first database."""
    engine = create_engine(server(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def template() -> None:
    """Make the migrated template once a run, whichever worker comes first."""
    server()
    with (HOME / ".template").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if lock.read():
            return
        admin(f"create database {TEMPLATE}")
        use(embedded.url(HOME, TEMPLATE))
        migrate.upgrade()
        session.dispose()
        lock.write("ready")


@contextmanager
def clone(name: str) -> Iterator[URL]:
    """Lend a fresh migrated database and point the application at it."""
    admin(f"drop database if exists {name} with (force)")
    admin(f"create database {name} template {TEMPLATE} strategy file_copy")
    url = embedded.url(HOME, name)
    use(url)
    try:
        yield url
    finally:
        session.dispose()
        admin(f"drop database if exists {name} with (force)")
