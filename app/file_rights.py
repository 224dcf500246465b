"""Permissions of the application's files: only its own user may access them."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# files of DonorCRM in DATA_DIR; the database server sets the permissions of its own files
OURS = (
    "backups",
    "demonstration",
    "full-exports",
    "mail",
    "postgres",
    "provider.toml",
    "running",
    "secret_key",
    "static-files",
    "uploads",
)
# one of these shows that a folder with other files in it is a DATA_DIR and not, say, /var
MARKS = ("secret_key", "postgres/alive")
SERVERS = frozenset({"data", "data.new", "run"})
BACKUPS = "donorcrm-*.zip*"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private() -> None:
    """Set the umask so that this process and its children create files 0600 and folders 0700."""
    os.umask(OTHERS)


def repair(data_dir: Path, *, backups: Path | None = None) -> int:
    """Remove group and other permissions left by an earlier version; return how many had some.

    `backups` is a folder outside of DATA_DIR in which only backups are changed. If DATA_DIR also
    contains other files, only DonorCRM's files in it are changed, not the folder itself.
    """
    closed = 0
    if data_dir.is_dir():
        here = list(data_dir.iterdir())
        ours = [path for path in here if path.name.lstrip(".").startswith(OURS)]
        alone = len(ours) == len(here)
        if alone or any((data_dir / mark).exists() for mark in MARKS):
            closed += sum(_close(path) for top in ours for path in _all(top))
            closed += _close(data_dir) if alone else 0
    if backups is not None and backups.is_dir():
        closed += sum(_close(path) for path in backups.glob(BACKUPS))
    return closed


def repair_all(data_dir: Path, *, backup_to: str) -> None:
    """Repair the permissions in DATA_DIR, and in BACKUP_TO if it is a folder."""
    is_folder = backup_to and "://" not in backup_to
    repair(data_dir, backups=Path(backup_to).expanduser() if is_folder else None)


def _all(path: Path) -> Iterator[Path]:
    """Yield a path and all paths below it, without links and the database server's files."""
    if path.is_symlink():
        return
    yield path
    if path.is_dir():
        with suppress(PermissionError):
            for below in path.iterdir():
                if not (path.name == "postgres" and below.name in SERVERS):
                    yield from _all(below)


def _close(path: Path) -> bool:
    # skip files of other users and files that have just been deleted
    with suppress(PermissionError, FileNotFoundError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)
            return True
    return False
