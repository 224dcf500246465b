"""Rights of the files this program writes: for its own user alone."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.settings import settings

# what DonorCRM keeps in DATA_DIR; the database server's own files keep the rights it gives them
OURS = ("backups", "mail", "postgres", "provider.toml", "running", "secret_key", "uploads")
# one of these shows that a folder with other things in it is DATA_DIR, and not /var
MARKS = ("secret_key", "postgres/alive")
SERVERS = frozenset({"data", "data.new", "run"})
BACKUPS = "donorcrm-*.zip*"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private() -> None:
    """Create every file of this process and its children with mode 0600, and folders with 0700."""
    os.umask(OTHERS)


def repair(data_dir: Path, *, backups: Path | None = None) -> int:
    """Close files and folders of an earlier version to other users; return how many were open.

    `backups` is a folder outside of DATA_DIR in which only backups are closed. A DATA_DIR that
    holds other things than ours stays as it is, and ours in it are closed.
    """
    closed = 0
    if data_dir.is_dir():
        here = list(data_dir.iterdir())
        ours = [path for path in here if path.name.lstrip(".").startswith(OURS)]
        alone = len(ours) == len(here)
        if alone or any((data_dir / mark).exists() for mark in MARKS):
            closed += sum(_close(path) for one in ours for path in _all(one))
            closed += _close(data_dir) if alone else 0
    if backups is not None and backups.is_dir():
        closed += sum(_close(path) for path in backups.glob(BACKUPS))
    return closed


def repair_all() -> None:
    """Close what the settings name: DATA_DIR, and BACKUP_TO where it is a folder."""
    chosen = settings()
    to = chosen.backup_to
    repair(chosen.data_dir, backups=Path(to).expanduser() if to and "://" not in to else None)


def _all(path: Path) -> Iterator[Path]:
    """Yield a path and what is below it, without links and the database server's files."""
    if path.is_symlink():
        return
    yield path
    if path.is_dir():
        with suppress(PermissionError):
            for below in path.iterdir():
                if not (path.name == "postgres" and below.name in SERVERS):
                    yield from _all(below)


def _close(path: Path) -> bool:
    # a file of another user, or one that has just gone, is not ours to change
    with suppress(PermissionError, FileNotFoundError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)
            return True
    return False
