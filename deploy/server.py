"""A PostgreSQL server made of any version's programs, with the private server's settings.

The private server of the application is always the wheel's. Tests and benchmarks start this one
where they look at another version that the application takes.
"""

import shlex
import tempfile
from pathlib import Path

from sqlalchemy import URL

from app.db.embedded import os_user
from app.db.embedded import server as embedded
from app.db.embedded.os_user import LentUser
from app.db.embedded.roles import APPLICATION
from deploy.parts import ShapeError


def start(home: Path, programs: Path, *, durable: bool = True) -> URL:
    """Start (or find) the server under `home` and return the address of its first database.

    `durable=False` gives up safety against a power cut, for tests.

    Raises:
        ShapeError: it will not start; the message holds the server's last words.
    """
    home.mkdir(parents=True, exist_ok=True)
    user = os_user.of(home / "data")
    data, sockets = (os_user.own_folder(home / name, user) for name in ("data", "run"))
    options = embedded.OPTIONS if durable else embedded.OPTIONS | embedded.FAST_AND_LOOSE
    with os_user.lend(user, data, sockets) as lent:
        folder, reached = lent.paths
        if not (data / "PG_VERSION").exists():
            _run(
                home,
                lent,
                programs,
                "initdb",
                "-D",
                folder,
                "-U",
                APPLICATION,
                "--no-sync",
                "--auth=trust",
                "--encoding=UTF8",
                f"--locale={embedded.LOCALE}",
            )
        if _run(home, lent, programs, "pg_ctl", "status", "-D", folder, must=False):
            spoken = [
                word for name, value in options.items() for word in ("-c", f"{name}={value}")
            ]
            _run(
                home,
                lent,
                programs,
                "pg_ctl",
                "start",
                "-w",
                "-D",
                folder,
                "-o",
                shlex.join(["-k", reached, *spoken]),
            )
    return embedded.url(home, "postgres")


def stop(home: Path, programs: Path) -> None:
    """Stop the server under `home`, open connections included; do nothing when none runs."""
    if not (home / "data" / "postmaster.pid").exists():
        return
    with os_user.lend(os_user.of(home / "data"), home / "data") as lent:
        command = ("pg_ctl", "stop", "-w", "-m", "immediate", "-D", lent.paths[0])
        _run(home, lent, programs, *command, must=False)


def _run(
    home: Path, lent: LentUser, programs: Path, program: str, *args: str, must: bool = True
) -> int:
    """Run one of the programs as the server's user, with its output in the log."""
    log = home / "server.log"
    with log.open("a") as sink, tempfile.TemporaryFile("w+") as nothing:
        code = lent.run(programs, program, *args, stdin=nothing, stdout=sink, keep=[])
    if code and must:
        last = " ".join(log.read_text().split())[-700:]
        msg = f"{programs / program} ended with {code}: {last}"
        raise ShapeError(msg)
    return code
