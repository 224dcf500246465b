"""Operations on stored files, in the caller's transaction."""

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import delete, func, select, text, update

from app.db.models import StoredFile
from app.db.session import Session
from app.db.statements.bulk_copy import SupportsWrite
from app.db.stored_files.parts import FileKey, PartReader, PartWriter

UPLOAD, ARCHIVE = "upload", "archive"


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
    file = PartWriter(db, key, saved_at)
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
    return io.BufferedReader(PartReader(db, key, sizes), 2**16) if sizes else None


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
