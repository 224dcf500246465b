"""The parts of a stored file: written one after the other, read at any position."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select

from app.db.models import StoredFile
from app.db.session import Session

# bytes of a row: a file of 200 MB is 50 of them, and one at a time is in memory
PART = 2**22


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


class PartWriter:
    """A file that inserts a row for each part written to it."""

    def __init__(self, db: Session, key: FileKey, saved_at: datetime | None) -> None:
        self._db, self._key = db, key
        self._saved_at = saved_at
        self._waiting = bytearray()
        self._part = 0

    def write(self, data: bytes, /) -> None:
        """Write some bytes; whole parts are inserted at once."""
        self._waiting += data
        while len(self._waiting) >= PART:
            self._insert(bytes(self._waiting[:PART]))
            del self._waiting[:PART]

    def insert_rest(self) -> None:
        """Insert what is left as the last part."""
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


class PartReader(io.RawIOBase):
    """A file over the parts, one of which is in memory."""

    def __init__(self, db: Session, key: FileKey, sizes: Sequence[int]) -> None:
        self._db, self._key, self._sizes = db, key, sizes
        self._at = 0
        self._loaded, self._data = -1, b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Set the position and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: sum(self._sizes)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Read up to the end of a part into the buffer; return the number of bytes."""
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
