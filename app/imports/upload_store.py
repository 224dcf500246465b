"""Encrypted storage of the uploaded files in the database, by user and SHA-256 of the content."""

import hashlib
import io
import zlib
from collections.abc import Collection, Iterator
from datetime import datetime

from app.db import Session, stored_files
from app.db.stored_files import UPLOAD, FileKey, FileSize
from app.imports import disk_uploads
from app.kit.errors import NotFoundError
from app.kit.security import file_encryption
from app.kit.security.encryption import KeyUse, use_of
from app.settings import settings

PURPOSE = "uploaded files in the database"
# a CSV file is stored in a fifth of its size, at more than 100 MB a second
COMPRESSION = 1
MISSING = "The uploaded file is no longer kept here. Upload it again."
UNREADABLE = "The uploaded file can no longer be opened here. Upload it again."


def save(db: Session, *, user_id: int, data: bytes) -> str:
    """Store a user's file encrypted, in the caller's transaction, and return its SHA-256."""
    name = digest(data)
    key = FileKey(user_id, UPLOAD, name)
    # another transaction that stores the same file ends first
    stored_files.lock(db, key)
    if _key(db, key) == settings().signing_key:
        stored_files.touch(db, key)
    else:
        _write(db, key, data)
    return name


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def load(db: Session, *, user_id: int, name: str) -> bytes:
    """Return the bytes of a stored file, as they were uploaded.

    Raises:
        NotFoundError: the file is missing, damaged, or encrypted with another key.
    """
    data = _read(db, FileKey(user_id, UPLOAD, name))
    if data is None:
        data = disk_uploads.load(name)
    if data is None:
        raise NotFoundError(MISSING)
    if digest(data) != name:
        raise NotFoundError(UNREADABLE)
    return data


def delete(db: Session, names: Collection[str]) -> int:
    """Delete the files with these SHA-256, whoever uploaded them; return how many there were."""
    deleted = stored_files.delete_named(db, UPLOAD, names)
    return len(deleted | {name for name in names if disk_uploads.delete(name)})


def delete_file(db: Session, key: FileKey) -> None:
    """Delete the file of one user."""
    stored_files.remove(db, key)


def sizes(db: Session) -> list[FileSize]:
    """List the stored files, oldest first."""
    return stored_files.sizes(db, UPLOAD)


def key_use(db: Session) -> KeyUse:
    """Count the stored files by the key that decrypts them."""
    keys = settings().signing_keys
    uses = [use_of(_key(db, file.key), keys) for file in sizes(db)]
    return sum(uses, disk_uploads.key_use())


def under_older_keys(db: Session) -> list[FileKey]:
    """Return the stored files that an older key decrypts."""
    new = {None, settings().signing_key}
    return [file.key for file in sizes(db) if _key(db, file.key) not in new]


def reencrypt(db: Session, key: FileKey) -> bool:
    """Encrypt a stored file with SECRET_KEY; return False if it is not what its name says."""
    stored_files.lock(db, key)
    data = _read(db, key)
    if data is None or digest(data) != key.name:
        return False
    _write(db, key, data, saved_at=stored_files.saved_at(db, key))
    return True


def _write(db: Session, key: FileKey, data: bytes, *, saved_at: datetime | None = None) -> None:
    with stored_files.replace(db, key, saved_at=saved_at) as file:
        file_encryption.write_stream(settings().signing_key, PURPOSE, _packed(data), file)


def _packed(data: bytes) -> Iterator[bytes]:
    packer = zlib.compressobj(COMPRESSION)
    for start in range(0, len(data), file_encryption.PIECE):
        yield packer.compress(data[start : start + file_encryption.PIECE])
    yield packer.flush()


def _read(db: Session, key: FileKey) -> bytes | None:
    """Return the decrypted file, empty if it is damaged; None if there is none."""
    source = stored_files.reader(db, key)
    if source is None:
        return None
    unpacker, opened = zlib.decompressobj(), io.BytesIO()
    try:
        for piece in file_encryption.read_stream(settings().signing_keys, PURPOSE, source):
            opened.write(unpacker.decompress(piece))
    except (file_encryption.DamagedError, zlib.error):
        return b""
    return opened.getvalue()


def _key(db: Session, key: FileKey) -> str | None:
    source = stored_files.reader(db, key)
    if source is None:
        return None
    return file_encryption.key_of(settings().signing_keys, PURPOSE, source)
