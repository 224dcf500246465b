"""Encrypted files in the database, in parts: every process finds them without a shared disk."""

import io
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import ColumnElement, delete, func, insert, select, text, update

from app.db.models import StoredFile
from app.db.session import Session
from app.db.statements.bulk_copy import SupportsWrite

# bytes of a row: a file of 200 MB is 50 of them, and one at a time is in memory
PART = 2**22
UPLOAD, ARCHIVE = "upload", "archive"


@dataclass(frozen=True, slots=True)
class FileKey:
    """A stored file: whose it is, its kind, and its name among the user's files of that kind."""

    user_id: int
    kind: str
    name: str

    @property
    def where(self) -> ColumnElement[bool]:
        """Restrict a statement to the parts of this file."""
        return (
            (StoredFile.user_id == self.user_id)
            & (StoredFile.kind == self.kind)
            & (StoredFile.name == self.name)
        )


@dataclass(frozen=True, slots=True)
class FileSize:
    """A stored file, its stored bytes, and when it was last saved."""

    key: FileKey
    size: int
    saved_at: datetime


@contextmanager
def replace(
    db: Session, key: FileKey, *, saved_at: datetime | None = None
) -> Iterator[SupportsWrite]:
    """Yield a file to write to; it replaces what is stored under the key.

    Two transactions that replace the same file do so one after the other. `saved_at` is when it
    was saved, by default now.
    """
    lock(db, key)
    remove(db, key)
    file = _Writer(db, key, saved_at)
    yield file
    file.insert_rest()


def lock(db: Session, key: FileKey) -> None:
    """Wait until no other transaction writes this file, and keep others from it."""
    name = f"stored file {key.user_id} {key.kind} {key.name}"
    db.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def reader(db: Session, key: FileKey) -> IO[bytes] | None:
    """Return a stored file to read from, part by part; None if there is none."""
    sizes = db.scalars(
        select(func.octet_length(StoredFile.data)).where(key.where).order_by(StoredFile.part)
    ).all()
    return io.BufferedReader(_Reader(db, key, sizes), 2**16) if sizes else None


def exists(db: Session, key: FileKey) -> bool:
    """Return whether a file is stored under the key."""
    return bool(db.scalar(select(select(StoredFile.part).where(key.where).exists())))


def saved_at(db: Session, key: FileKey) -> datetime | None:
    """Return when a stored file was last saved; None if there is none."""
    return db.scalar(select(func.max(StoredFile.saved_at)).where(key.where))


def touch(db: Session, key: FileKey) -> None:
    """Mark a stored file as saved in this transaction, without writing it again."""
    db.execute(
        update(StoredFile)
        .where(key.where, StoredFile.part == 0)
        .values(saved_at=func.now())
        .execution_options(synchronize_session=False)
    )


def sizes(db: Session, kind: str) -> list[FileSize]:
    """List the stored files of a kind, oldest first."""
    newest = func.max(StoredFile.saved_at)
    rows = db.execute(
        select(
            StoredFile.user_id,
            StoredFile.name,
            func.sum(func.octet_length(StoredFile.data)),
            newest,
        )
        .where(StoredFile.kind == kind)
        .group_by(StoredFile.user_id, StoredFile.name)
        .order_by(newest, StoredFile.name, StoredFile.user_id)
    )
    return [
        FileSize(FileKey(user_id, kind, name), int(size), moment)
        for user_id, name, size, moment in rows
    ]


def remove(db: Session, key: FileKey) -> None:
    """Delete a stored file; do nothing if there is none."""
    db.execute(delete(StoredFile).where(key.where))


def delete_named(db: Session, kind: str, names: Collection[str]) -> set[str]:
    """Delete the files of a kind with these names, whosever; return the names that there were."""
    gone = (StoredFile.kind == kind) & StoredFile.name.in_(list(names))
    return set(db.scalars(delete(StoredFile).where(gone).returning(StoredFile.name)))


class _Writer:
    """A file that inserts a row for each part written to it."""

    def __init__(self, db: Session, key: FileKey, saved_at: datetime | None) -> None:
        self._db, self._key = db, key
        self._saved_at = saved_at
        self._waiting = bytearray()
        self._part = 0

    def write(self, data: bytes, /) -> None:
        self._waiting += data
        while len(self._waiting) >= PART:
            self._insert(bytes(self._waiting[:PART]))
            del self._waiting[:PART]

    def insert_rest(self) -> None:
        if self._waiting:
            self._insert(bytes(self._waiting))

    def _insert(self, data: bytes) -> None:
        self._db.execute(
            insert(StoredFile).values(
                user_id=self._key.user_id,
                kind=self._key.kind,
                name=self._key.name,
                part=self._part,
                data=data,
                saved_at=func.now() if self._saved_at is None else self._saved_at,
            )
        )
        self._part += 1


class _Reader(io.RawIOBase):
    """A file over the parts, one of which is in memory."""

    def __init__(self, db: Session, key: FileKey, sizes: Sequence[int]) -> None:
        self._db, self._key, self._sizes = db, key, sizes
        self._at = 0
        self._loaded, self._data = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: sum(self._sizes)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        part, offset = divmod(self._at, PART)
        if part >= len(self._sizes) or offset >= self._sizes[part]:
            return 0
        if part != self._loaded:
            query = select(StoredFile.data).where(self._key.where, StoredFile.part == part)
            self._data = bytes(self._db.scalar(query) or b"")
            self._loaded = part
        piece = self._data[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
