"""The uploaded files we keep, named by what is in them, readable by nobody but us."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.kit import file_encryption
from app.kit.encryption import KeyUse, use_of
from app.kit.errors import ConfigurationError, NotFoundError
from app.settings import settings

NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
PURPOSE = "uploaded files"
GONE = "The uploaded file is no longer kept here. Upload it again."
LOCKED = "The uploaded file can no longer be opened here. Upload it again."
NO_ROOM = (
    "The file could not be kept, so nothing was imported. Ask whoever runs the server whether its "
    "disk is full."
)


def keep(data: bytes) -> str:
    """Store the bytes encrypted below DATA_DIR/uploads and return their SHA-256.

    Raises:
        ConfigurationError: the disk does not take them.
    """
    name = digest(data)
    try:
        _write(name, data)
    except OSError as error:
        raise ConfigurationError(NO_ROOM) from error
    return name


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def load(name: str) -> bytes:
    """Return the bytes of a kept file, the same that were uploaded.

    Raises:
        NotFoundError: the file is no longer there, is damaged, or was kept under another key.
    """
    kept = _folder() / name
    try:
        data = _read(kept)
    except FileNotFoundError:
        raise NotFoundError(GONE) from None
    if data is None or digest(data) != name:
        raise NotFoundError(LOCKED)
    return data


def is_kept(name: str) -> bool:
    """Whether there is a file of this name."""
    return (_folder() / name).is_file()


def forget(name: str) -> bool:
    """Delete a kept file; say whether there was one."""
    kept = _folder() / name
    there = kept.is_file()
    kept.unlink(missing_ok=True)
    return there


def names(*, older_than: datetime) -> list[str]:
    """List the kept files written before a moment, half-written ones included."""
    folder = _folder()
    if not folder.is_dir():
        return []
    moment = older_than.timestamp()
    return [one.name for one in folder.iterdir() if one.stat().st_mtime < moment]


def encrypt_plain() -> int:
    """Encrypt files from before files were encrypted; return how many. They get no younger."""
    folder, done = _folder(), 0
    for kept in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not NAME.fullmatch(kept.name) or _is_sealed(kept):
            continue
        data = kept.read_bytes()
        # a damaged one is of no use, and goes with its time
        if digest(data) == kept.name:
            _write(kept.name, data, instead_of=kept.stat())
            done += 1
    return done


def key_use() -> KeyUse:
    """Count the kept files by the key that opens them."""
    keys = settings().signing_keys
    return sum((use_of(_key(kept), keys) for kept in _sealed_files()), KeyUse())


def reseal() -> Iterator[str]:
    """Encrypt the files kept under an older key with SECRET_KEY, yielding each name when done.

    A file is replaced as a whole and keeps its age: stopped at any moment, every file is there
    under the one key or the other, and the next run goes on.
    """
    for kept in _sealed_files():
        if _key(kept) in {None, settings().signing_key}:
            continue
        was, data = kept.stat(), _read(kept)
        if data is not None and digest(data) == kept.name:
            _write(kept.name, data, instead_of=was)
            yield kept.name


def _sealed_files() -> Iterator[Path]:
    folder = _folder()
    for kept in sorted(folder.iterdir()) if folder.is_dir() else ():
        if NAME.fullmatch(kept.name) and _is_sealed(kept):
            yield kept


def _key(kept: Path) -> str | None:
    with kept.open("rb") as source:
        return file_encryption.key_of(settings().signing_keys, PURPOSE, source)


def _is_sealed(kept: Path) -> bool:
    with kept.open("rb") as source:
        return source.read(len(file_encryption.MARK)) == file_encryption.MARK


def _write(name: str, data: bytes, *, instead_of: os.stat_result | None = None) -> None:
    """Write the file anew even if it is there: it may be plain, or under a key we have lost.

    `instead_of` is the file that it replaces, whose age it keeps.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # a name of its own: the same file may be uploaded twice at one time
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix=f"{name}.", suffix=".part", delete=False
    ) as out:
        part = Path(out.name)
        try:
            file_encryption.write(settings().signing_key, PURPOSE, data, out)
            out.flush()
            # it may replace the only copy there is
            os.fsync(out.fileno())
            out.close()
            if instead_of is not None:
                os.utime(part, ns=(instead_of.st_atime_ns, instead_of.st_mtime_ns))
            part.replace(folder / name)
        finally:
            part.unlink(missing_ok=True)


def _read(kept: Path) -> bytes | None:
    """Open a file; one from before files were encrypted is taken as it is."""
    if not _is_sealed(kept):
        return kept.read_bytes()
    with kept.open("rb") as source:
        return file_encryption.read(settings().signing_keys, PURPOSE, source)


def _folder() -> Path:
    return Path(settings().data_dir) / "uploads"
