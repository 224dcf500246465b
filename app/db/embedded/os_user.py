"""Who runs the embedded server, and how that user reaches folders below closed ones.

A path below another user's closed folder cannot be walked, but an open handle needs no walking:
`/proc/self/fd/7` leads straight to the folder. Programs cannot be started that way, so those are
copied to a place everyone can read when the environment lies below a closed folder.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from app.kit.errors import ConfigurationError

FIRST_CHOICE = "nobody"
HANDLES = Path("/proc/self/fd")
COPIES = Path("/var/cache/donorcrm")


@dataclass(frozen=True, slots=True)
class User:
    """An unprivileged user of this machine."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Lent:
    """Folders as the server's user may spell them, and the handles that make it true."""

    user: User | None
    paths: tuple[str, ...]
    handles: tuple[int, ...]

    def run(
        self,
        programs: Path,
        name: str,
        *args: str,
        stdin: IO[str],
        stdout: IO[str],
        keep: list[int],
    ) -> int:
        """Run a program with the folders in reach and return its exit code."""
        done = subprocess.run(
            [_reachable(programs, self.user) / name, *args],
            check=False,
            stdin=stdin,
            stdout=stdout,
            stderr=stdout,
            env=_environment(),
            pass_fds=[*self.handles, *keep],
            **_as(self.user),
        )
        return int(done.returncode)


def of(data: Path) -> User | None:
    """Return who must run the server on `data` when we are root; None for a plain user."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        facts = data.stat()
        return User(facts.st_uid, facts.st_gid)
    try:
        person = pwd.getpwnam(FIRST_CHOICE)
    except KeyError:
        msg = (
            f"PostgreSQL does not run as root, and this machine has no user {FIRST_CHOICE}. "
            "Start as a plain user, or set DATABASE_URL."
        )
        raise ConfigurationError(msg) from None
    return User(person.pw_uid, person.pw_gid)


def own_folder(folder: Path, user: User | None, *, empty: bool = False) -> Path:
    """Make a folder only the server's user (and root) may enter."""
    if empty:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid not in {os.geteuid(), user.uid if user else -1}:
        msg = f"The folder {folder} belongs to someone else. Remove it and start again."
        raise ConfigurationError(msg)
    if user and facts.st_uid != user.uid:
        os.chown(folder, user.uid, user.gid)
    return folder


@contextmanager
def lend(user: User | None, *folders: Path) -> Iterator[Lent]:
    """Put folders within the server user's reach for as long as it keeps the handles."""
    if user is None or not HANDLES.exists():
        yield Lent(user, tuple(map(str, folders)), ())
        return
    with ExitStack() as stack:
        handles = []
        for folder in folders:
            handles.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
            stack.callback(os.close, handles[-1])
        yield Lent(user, tuple(str(HANDLES / str(handle)) for handle in handles), tuple(handles))


def _reachable(programs: Path, user: User | None) -> Path:
    """Return the programs, or a copy of them when the user cannot start them where they are."""
    if user is None or _starts(programs, user):
        return programs
    package = programs.parents[1]
    folder = COPIES / f"{package.name}-{version(package.name)}"
    copy = folder / package.name / programs.relative_to(package)
    if not copy.exists():
        _copy(package, folder)
    if not _starts(copy, user):
        msg = (
            "PostgreSQL does not run as root, and its programs cannot be run as another user "
            "here. Start as a plain user, or set DATABASE_URL."
        )
        raise ConfigurationError(msg)
    return copy


def _starts(programs: Path, user: User) -> bool:
    """Whether the user can run the programs: they may be out of reach, or their libraries."""
    try:
        done = [
            subprocess.run([program, "--version"], check=False, capture_output=True, **_as(user))
            for program in (programs / "postgres", programs / "initdb")
        ]
    except PermissionError:
        return False
    return all(each.returncode == 0 for each in done)


def _copy(package: Path, target: Path) -> None:
    """Copy the wheel's files for everyone to read: the programs and the libraries beside them."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            unneeded = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(source, draft / source.name, symlinks=True, ignore=unneeded)
    for path in [target.parent, draft, *draft.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o755 if path.is_dir() or mode & 0o100 else 0o444))
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
        # another process was first
        shutil.rmtree(draft)


def _as(user: User | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": [], "cwd": "/"}


def _environment() -> dict[str, str]:
    """Leave out PGPORT, PGDATA and their like: they would point our server elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}  # noqa: TID251
