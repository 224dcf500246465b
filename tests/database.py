"""One PostgreSQL for the whole test run, and databases cloned from a migrated template.

The first process of the run chooses the folder and hands its name to the workers in an
environment variable; the server starts when the first test asks for a database.

It is the private server of the application, or with `TESTS_SERVER` another version: `oldest` is
the oldest on this machine that the application takes, anything else a folder of programs.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.orm import Session

from app.db import migrate, session
from app.db.embedded import roles as embedded_roles
from app.db.embedded import server as embedded
from app.settings import settings
from deploy import server
from tests.external_tools import needed_server

TEMPLATE = "template_donorcrm"
# the role the application connects as
OWNER = embedded_roles.APPLICATION
PREFIX = "donorcrm-tests-"
FOLDER = "DONORCRM_TESTS_FOLDER"
SERVER = "TESTS_SERVER"
PROGRAMS = "programs"
# files in memory: a clone of the template is a thousand files, and one on a disk costs ten times
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - everything in it is in a folder of its own
ROOM_IN_MEMORY = 6 << 30
# where DATABASE_URL points until a test asks for a database
NOWHERE = "postgresql://nobody@/ask_for_the_fixture_db_or_database?host=/nowhere"


class Statements(dict[Any, Any]):
    """Compiled statements of all engines of a process.

    SQLAlchemy compiles a statement once for each engine, and each test with a database of its own
    has an engine of its own. All of them have the same dialect, the first part of a key.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


STATEMENTS = Statements()


def sharing_engine(url: URL, **options: Any) -> Engine:
    """Create an engine for the application that shares its compiled statements."""
    return create_engine(url, **options).execution_options(compiled_cache=STATEMENTS)


def home() -> Path:
    """Where the run's server lives."""
    return Path(os.environ[FOLDER]) / "postgres"


def programs() -> Path | None:
    """Return the programs of another version the run asks for; None is the private server."""
    chosen = os.environ.get(SERVER, "")
    if chosen == "oldest":
        return needed_server()
    return Path(chosen) if chosen else None


def begin() -> None:
    """Choose the run's folder, and clear away what killed runs left behind."""
    for there in {Path(tempfile.gettempdir()), IN_MEMORY}:
        for old in there.glob(f"{PREFIX}*"):
            pid = old.name.removeprefix(PREFIX).partition("-")[0]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                _remove(old)
    if "TMPDIR" not in os.environ and _room_in_memory():
        # also for every process the tests start
        os.environ["TMPDIR"] = tempfile.tempdir = str(IN_MEMORY)
    os.environ[FOLDER] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")


def _room_in_memory() -> bool:
    """Return whether this machine lends files in memory, programs too, and has enough of it."""
    if not os.access(IN_MEMORY, os.W_OK) or os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC:
        return False
    free = min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available)
    return free >= ROOM_IN_MEMORY


def end() -> None:
    """Stop the run's server and leave nothing behind."""
    _remove(Path(os.environ[FOLDER]))


def _remove(folder: Path) -> None:
    home = folder / "postgres"
    if home.exists():
        if (home / PROGRAMS).is_symlink():
            server.stop(home, (home / PROGRAMS).readlink())
        embedded.stop(home)
    shutil.rmtree(folder, ignore_errors=True)


def use(url: URL | str) -> None:
    """Point the application, and every process it starts, at `url`."""
    session.dispose()
    if isinstance(url, URL):
        url = url.render_as_string(hide_password=False)
    os.environ["DATABASE_URL"] = url
    settings.cache_clear()


def superuser_connection(name: str) -> psycopg2.extensions.connection:
    """Return a connection to one of the server's databases as a superuser."""
    address = embedded.url(home())
    user = address.username if programs() else embedded_roles.SUPERUSER
    return psycopg2.connect(host=address.query["host"], user=user, dbname=name)


def admin(statement: str) -> None:
    """Run one statement outside a transaction on the server's first database, as a superuser.

    A new database is the application's, unless another owner is named.
    """
    if statement.startswith("create database") and " owner " not in statement:
        statement += f" owner {OWNER}"
    connection = superuser_connection("postgres")
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def template() -> None:
    """Start the server and make the migrated template, whichever worker comes first."""
    other = programs()
    home().mkdir(exist_ok=True)
    with (home() / "template").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _start(other)
        lock.seek(0)
        if lock.read():
            return
        admin(f"drop database if exists {TEMPLATE}")
        # a test plays somebody who goes past the triggers
        admin(f"grant set on parameter session_replication_role to {OWNER}")
        admin(f"create database {TEMPLATE}")
        use(embedded.url(home(), TEMPLATE))
        migrate.upgrade()
        use(NOWHERE)
        lock.write("ready")


def _start(other: Path | None) -> None:
    if other is None:
        embedded.start(home(), durable=False)
        return
    # whoever clears away a killed run stops its server with the programs it was started with
    if not (home() / PROGRAMS).is_symlink():
        (home() / PROGRAMS).symlink_to(other)
    server.start(home(), other, durable=False)


@contextmanager
def clone(name: str, template: str = TEMPLATE) -> Iterator[URL]:
    """Lend a fresh migrated database and point the application at it.

    Another `template` is a database that nothing is connected to, with what a test starts from.
    """
    admin(f"drop database if exists {name} with (force)")
    admin(f"create database {name} template {template} strategy file_copy")
    url = embedded.url(home(), name)
    use(url)
    try:
        yield url
    finally:
        use(NOWHERE)
        admin(f"drop database if exists {name} with (force)")


@contextmanager
def kept(connection: Connection) -> Iterator[Session]:
    """Lend a session whose work stays until the connection's own transaction is rolled back."""
    with _joining(connection) as session:
        yield session
        session.commit()


@contextmanager
def undone(connection: Connection) -> Iterator[Session]:
    """Lend a session whose work, what it commits included, is rolled back at the end."""
    with connection.begin_nested() as before, _joining(connection) as session:
        yield session
        session.close()
        before.rollback()


def _joining(connection: Connection) -> Session:
    return Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
