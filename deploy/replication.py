"""A primary and its streaming replica on this machine: python -m deploy.replication.

Two PostgreSQL servers on loopback and free ports, in a folder that goes at the end. The addresses
it prints name both servers, and the state that the wanted one is in: the application follows a
promotion without another setting.
"""

import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from app.db.embedded import os_user
from deploy.parts import Part, ShapeError, answers_sql, free_ports
from deploy.shape import LOOPBACK, bare_environment, make_database

USER = "donorcrm"
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two servers: `parts` are "primary" and "replica", as they were at the beginning."""

    parts: dict[str, Part]
    ports: dict[str, int]
    password: str
    home: Path

    def url(self, name: str) -> str:
        """Return the address of a server."""
        return f"postgresql://{USER}:{self.password}@{LOOPBACK}:{self.ports[name]}/postgres"

    def url_of(self, state: str) -> str:
        """Return the address of whichever server is "read-write" or a "standby" just now."""
        hosts = "&".join(f"host={LOOPBACK}:{port}" for port in self.ports.values())
        login = f"{USER}:{self.password}"
        return f"postgresql://{login}@/postgres?{hosts}&target_session_attrs={state}"

    def execute(self, name: str, statement: str) -> str:
        """Run a statement on a server and return the first value of its first row as text."""
        connection = psycopg2.connect(self.url(name))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return str((cursor.fetchone() or ("",))[0]) if cursor.description else ""
        finally:
            connection.close()

    def promote(self) -> None:
        """Make the replica a primary, and wait until it is one."""
        self.execute("replica", "select pg_promote(true)")
        # the checkpoint after it makes its timeline known to its own replicas
        self.execute("replica", "checkpoint")

    def rebuild_replica(self, *, of: str) -> None:
        """Make the other server a replica of `of` again, from a new copy of its files.

        Raises:
            ShapeError: the copy or the start failed.
        """
        (name,) = set(self.parts) - {of}
        self.parts[name].kill()
        _copy(self, of, name)
        self.parts[name].wait()


@contextmanager
def up(*, durable: bool = True) -> Iterator[Pair]:
    """Start an empty primary and its replica, lend them, and end them by their pids.

    `durable=False` gives up safety against a power cut, for tests.

    Raises:
        ShapeError: a program is missing, or a server did not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="donorcrm-pair-"))
    # the server's user must get through to its own folder, and see nothing else
    folder.chmod(0o711)
    password = secrets.token_urlsafe(24)
    primary, replica = free_ports(2)
    pair = Pair({}, {"primary": primary, "replica": replica}, password, folder)
    try:
        user = os_user.of(folder / "primary")
        _, programs = make_database(folder / "primary", user, password)
        for name in pair.ports:
            pair.parts[name] = _server(pair, name, user, programs, () if durable else FAST)
        pair.parts["primary"].wait()
        os_user.own_folder(folder / "replica", user)
        _copy(pair, "primary", "replica")
        pair.parts["replica"].wait()
        yield pair
    finally:
        for part in reversed(pair.parts.values()):
            part.kill(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _server(
    pair: Pair, name: str, user: os_user.User | None, programs: Path, speed: tuple[str, ...]
) -> Part:
    options = {
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "max_connections": "100",
        "timezone": "UTC",
        # a rewritten replica catches up from what is still there
        "wal_keep_size": "64MB",
    }
    words = [str(programs / "postgres"), "-D", str(pair.home / name / "data")]
    words += ["-p", str(pair.ports[name]), *speed]
    words += [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    return Part(
        name,
        words,
        pair.home / f"{name}.log",
        environment=bare_environment(),
        folder=Path("/"),
        user=user,
        answers=answers_sql(pair.url(name)),
        ending=signal.SIGINT,
    )


def _copy(pair: Pair, source: str, target: str) -> None:
    """Make the files of a replica: a copy of a running server, and where it follows it."""
    home = pair.home / target
    shutil.rmtree(home / "data", ignore_errors=True)
    part = pair.parts[target]
    words = [str(Path(part.words[0]).with_name("pg_basebackup")), "-D", str(home / "data")]
    words += ["-h", LOOPBACK, "-p", str(pair.ports[source]), "-U", USER]
    words += ["-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
    rights: dict[str, Any] = {}
    if part.user:
        rights = {"user": part.user.uid, "group": part.user.gid, "extra_groups": []}
    with (pair.home / f"{target}.log").open("ab") as log:
        done = subprocess.run(
            words,
            check=False,
            cwd="/",
            env={**bare_environment(), "PGPASSWORD": pair.password},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **rights,
        )
    if done.returncode:
        msg = f"{target} could not be copied from {source}: see {pair.home / target}.log"
        raise ShapeError(msg)


def main() -> None:
    """Start the pair, print its addresses, and keep it until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with up() as pair:
            print(f"DATABASE_URL={pair.url_of('read-write')}")
            print(f"DATABASE_READ_URL={pair.url_of('standby')}")
            for part in pair.parts.values():
                print(f"  {part.name:8} pid {part.process.pid if part.process else '-'}")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        print("Stopped.")
    except ShapeError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
