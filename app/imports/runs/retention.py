"""Retention periods of uploaded files and before-images, and their deletion."""

from collections.abc import Collection
from datetime import datetime, timedelta

from app.db import Session
from app.db.stored_files import FileKey
from app.imports import disk_uploads, upload_store
from app.imports.queries.runs import retention as retention_queries
from app.kit.security.encryption import KeyUse

# an older import cannot be undone
UNDO_WITHIN = timedelta(days=365)
# stored bytes of all uploads together, ten uploads of the largest size; older ones are deleted
# first, whatever the days of the settings, so that they never fill the database's disk
MOST_STORED = 2 * 10**9


def delete_files(db: Session, names: Collection[str]) -> int:
    """Delete uploaded files by their SHA-256; return how many existed."""
    return upload_store.delete(db, names)


def copy_disk_files(db: Session) -> list[str]:
    """Copy the uploads that an earlier version stored below DATA_DIR to the database.

    Return the names of those that are there now: they may be deleted once this is committed.
    """
    users = retention_queries.users_of_files(db, disk_uploads.names())
    copied = []
    for name, user_ids in sorted(users.items()):
        # a damaged file is useless; retention deletes it
        if data := disk_uploads.load(name):
            for user_id in sorted(user_ids):
                upload_store.save(db, user_id=user_id, data=data)
            copied.append(name)
    return copied


def delete_disk_files(names: Collection[str]) -> int:
    """Delete uploads below DATA_DIR that are in the database; return how many there were."""
    return sum(disk_uploads.delete(name) for name in names)


def file_key_use(db: Session) -> KeyUse:
    """Count the uploaded files by the key that decrypts them."""
    return upload_store.key_use(db)


def files_under_older_keys(db: Session) -> list[FileKey]:
    """Return the uploaded files that are encrypted with an older key."""
    return upload_store.under_older_keys(db)


def reencrypt_file(db: Session, key: FileKey) -> bool:
    """Encrypt an uploaded file with SECRET_KEY; return False if it is damaged."""
    return upload_store.reencrypt(db, key)


def delete_old_files(db: Session, *, before: datetime) -> int:
    """Delete the stored files that no import since a moment used; return how many existed.

    Of more than `MOST_STORED` bytes the oldest are deleted, too, but none of an import that waits.
    """
    used_since = retention_queries.files_since(db, before)
    files = upload_store.sizes(db)
    waiting = retention_queries.files_waiting(db)
    excess = sum(file.size for file in files) - MOST_STORED
    deleted = 0
    for file in files:
        old = file.saved_at < before and file.key.name not in used_since
        if old or (excess > 0 and file.key.name not in waiting):
            upload_store.delete_file(db, file.key)
            excess -= file.size
            deleted += 1
    return deleted + disk_uploads.delete_older(before, but=used_since)


def delete_old_details(db: Session, *, before: datetime) -> int:
    """Delete before-images and problems of imports ended before a moment; return how many."""
    return retention_queries.delete_details(db, before=before)
