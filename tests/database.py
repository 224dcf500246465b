"""One PostgreSQL for the whole test run, and databases cloned from a migrated template.

The first process of the run chooses the folder and hands its name to the workers in an
environment variable; the server starts when the first test asks for a database.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
from sqlalchemy import URL

from app.db import embedded, migrate, session
from app.settings import settings

TEMPLATE = "template_donorcrm"
PREFIX = "donorcrm-tests-"
FOLDER = "DONORCRM_TESTS_FOLDER"
# where DATABASE_URL points until a test asks for a database
NOWHERE = "postgresql://nobody@/ask_for_the_fixture_db_or_database?host=/nowhere"


def home() -> Path:
    """Where the run's server lives."""
    return Path(os.environ[FOLDER]) / "postgres"


def begin() -> None:
    """Choose the run's folder, and clear away what killed runs left behind."""
    there = Path(tempfile.gettempdir())
    for old in there.glob(f"{PREFIX}*"):
        pid = old.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            _remove(old)
    os.environ[FOLDER] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")


def end() -> None:
    """Stop the run's server and leave nothing behind."""
    _remove(Path(os.environ[FOLDER]))


def _remove(folder: Path) -> None:
    if (folder / "postgres").exists():
        embedded.stop(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


def use(url: URL | str) -> None:
    """Point the application, and every process it starts, at `url`."""
    session.dispose()
    if isinstance(url, URL):
        url = url.render_as_string(hide_password=False)
    os.environ["DATABASE_URL"] = url
    settings.cache_clear()


def admin(statement: str) -> None:
    """Run one statement outside a transaction on the server's first database."""
    address = embedded.url(home())
    connection = psycopg2.connect(
        host=address.query["host"], user=address.username, dbname="postgres"
    )
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def template() -> None:
    """Start the server and make the migrated template, whichever worker comes first."""
    embedded.start(home(), durable=False)
    with (home() / "template").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if lock.read():
            return
        admin(f"drop database if exists {TEMPLATE}")
        admin(f"create database {TEMPLATE}")
        use(embedded.url(home(), TEMPLATE))
        migrate.upgrade()
        use(NOWHERE)
        lock.write("ready")


@contextmanager
def clone(name: str) -> Iterator[URL]:
    """Lend a fresh migrated database and point the application at it."""
    admin(f"drop database if exists {name} with (force)")
    admin(f"create database {name} template {TEMPLATE} strategy file_copy")
    url = embedded.url(home(), name)
    use(url)
    try:
        yield url
    finally:
        use(NOWHERE)
        admin(f"drop database if exists {name} with (force)")
