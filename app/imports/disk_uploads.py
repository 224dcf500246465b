"""Uploads that earlier versions stored as files below DATA_DIR/uploads, until they are moved."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from app.kit.security import file_encryption
from app.kit.security.encryption import KeyUse, use_of
from app.settings import settings

NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
PURPOSE = "uploaded files"


def names() -> list[str]:
    """List the files by their SHA-256; none where a disk is shared with no earlier version."""
    return [path.name for path in _files() if NAME.fullmatch(path.name)]


def load(name: str) -> bytes | None:
    """Return the bytes of a file, empty if they are not what its name says; None without one."""
    try:
        data = _read(_folder() / name)
    except FileNotFoundError:
        return None
    good = data is not None and hashlib.sha256(data).hexdigest() == name
    return data if good else b""


def exists(name: str) -> bool:
    """Return whether there is a file of this name."""
    return (_folder() / name).is_file()


def delete(name: str) -> bool:
    """Delete a file; return whether it existed."""
    path = _folder() / name
    existed = path.is_file()
    path.unlink(missing_ok=True)
    return existed


def delete_older(moment: datetime, *, but: Iterable[str]) -> int:
    """Delete files last modified before a moment, partly written ones too; return how many."""
    spared = set(but)
    old = [
        path
        for path in _files()
        if path.name not in spared and path.stat().st_mtime < moment.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def key_use() -> KeyUse:
    """Count the encrypted files by the key that decrypts them."""
    keys = settings().signing_keys
    uses = [use_of(_key(path), keys) for path in _files() if _is_encrypted(path)]
    return sum(uses, KeyUse())


def _files() -> Iterator[Path]:
    folder = _folder()
    yield from sorted(folder.iterdir()) if folder.is_dir() else ()


def _key(path: Path) -> str | None:
    with path.open("rb") as source:
        return file_encryption.key_of(settings().signing_keys, PURPOSE, source)


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as source:
        return source.read(len(file_encryption.MARK)) == file_encryption.MARK


def _read(path: Path) -> bytes | None:
    """Return the decrypted bytes; the earliest version stored a file as plain text."""
    if not _is_encrypted(path):
        return path.read_bytes()
    with path.open("rb") as source:
        return file_encryption.read(settings().signing_keys, PURPOSE, source)


def _folder() -> Path:
    return Path(settings().data_dir) / "uploads"
