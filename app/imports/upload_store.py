"""Encrypted storage of the uploaded files, named by the SHA-256 of their content."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.kit.errors import ConfigurationError, NotFoundError
from app.kit.security import file_encryption
from app.kit.security.encryption import KeyUse, use_of
from app.settings import settings

NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
PURPOSE = "uploaded files"
MISSING = "The uploaded file is no longer kept here. Upload it again."
UNREADABLE = "The uploaded file can no longer be opened here. Upload it again."
NOT_WRITTEN = (
    "The file could not be kept, so nothing was imported. Ask whoever runs the server whether its "
    "disk is full."
)


def save(data: bytes) -> str:
    """Store the bytes encrypted below DATA_DIR/uploads and return their SHA-256.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    name = digest(data)
    try:
        _write(name, data)
    except OSError as error:
        raise ConfigurationError(NOT_WRITTEN) from error
    return name


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def load(name: str) -> bytes:
    """Return the bytes of a stored file, as they were uploaded.

    Raises:
        NotFoundError: the file is missing, damaged, or encrypted with another key.
    """
    path = _folder() / name
    try:
        data = _read(path)
    except FileNotFoundError:
        raise NotFoundError(MISSING) from None
    if data is None or digest(data) != name:
        raise NotFoundError(UNREADABLE)
    return data


def exists(name: str) -> bool:
    """Return whether a file of this name is stored."""
    return (_folder() / name).is_file()


def delete(name: str) -> bool:
    """Delete a stored file; return whether it existed."""
    path = _folder() / name
    existed = path.is_file()
    path.unlink(missing_ok=True)
    return existed


def names(*, older_than: datetime) -> list[str]:
    """List the stored files last modified before a moment, partly written ones included."""
    folder = _folder()
    if not folder.is_dir():
        return []
    moment = older_than.timestamp()
    return [path.name for path in folder.iterdir() if path.stat().st_mtime < moment]


def encrypt_plain() -> int:
    """Encrypt the files stored as plain text; return how many. Their modification time stays."""
    folder, encrypted = _folder(), 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not NAME.fullmatch(path.name) or _is_encrypted(path):
            continue
        data = path.read_bytes()
        # a damaged file is useless; retention deletes it
        if digest(data) == path.name:
            _write(path.name, data, replaces=path.stat())
            encrypted += 1
    return encrypted


def key_use() -> KeyUse:
    """Count the stored files by the key that decrypts them."""
    keys = settings().signing_keys
    return sum((use_of(_key(path), keys) for path in _encrypted_files()), KeyUse())


def reencrypt() -> Iterator[str]:
    """Re-encrypt the files stored under an older key with SECRET_KEY, yielding each name.

    A file is replaced atomically and keeps its modification time: if the job is interrupted,
    each file is under one key or the other, and the next run continues.
    """
    for path in _encrypted_files():
        if _key(path) in {None, settings().signing_key}:
            continue
        replaced, data = path.stat(), _read(path)
        if data is not None and digest(data) == path.name:
            _write(path.name, data, replaces=replaced)
            yield path.name


def _encrypted_files() -> Iterator[Path]:
    folder = _folder()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if NAME.fullmatch(path.name) and _is_encrypted(path):
            yield path


def _key(path: Path) -> str | None:
    with path.open("rb") as source:
        return file_encryption.key_of(settings().signing_keys, PURPOSE, source)


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as source:
        return source.read(len(file_encryption.MARK)) == file_encryption.MARK


def _write(name: str, data: bytes, *, replaces: os.stat_result | None = None) -> None:
    """Write the file even if it exists: it may be plain text, or under a lost key.

    `replaces` is the stat of the file it replaces, whose modification time it keeps.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # unique temporary name: the same file may be uploaded twice at once
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix=f"{name}.", suffix=".part", delete=False
    ) as file:
        part = Path(file.name)
        try:
            file_encryption.write(settings().signing_key, PURPOSE, data, file)
            file.flush()
            # it may replace the only copy
            os.fsync(file.fileno())
            file.close()
            if replaces is not None:
                os.utime(part, ns=(replaces.st_atime_ns, replaces.st_mtime_ns))
            part.replace(folder / name)
        finally:
            part.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    """Return the decrypted bytes of a file; a file stored as plain text is returned as it is."""
    if not _is_encrypted(path):
        return path.read_bytes()
    with path.open("rb") as source:
        return file_encryption.read(settings().signing_keys, PURPOSE, source)


def _folder() -> Path:
    return Path(settings().data_dir) / "uploads"
