"""Encrypted files in the database, in parts: every process finds them without a shared disk."""

from app.db.stored_files.files import (
    ARCHIVE,
    UPLOAD,
    FileSize,
    delete_named,
    exists,
    lock,
    reader,
    remove,
    replace,
    saved_at,
    sizes,
    touch,
)
from app.db.stored_files.parts import PART, FileKey

__all__ = [
    "ARCHIVE",
    "PART",
    "UPLOAD",
    "FileKey",
    "FileSize",
    "delete_named",
    "exists",
    "lock",
    "reader",
    "remove",
    "replace",
    "saved_at",
    "sizes",
    "touch",
]
