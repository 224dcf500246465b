"""Retention periods of uploaded files and before-images, and their deletion."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.db import Session
from app.imports import upload_store
from app.imports.queries.runs import retention as retention_queries
from app.kit.security.encryption import KeyUse

# an older import cannot be undone
UNDO_WITHIN = timedelta(days=365)


def delete_files(names: Iterable[str]) -> int:
    """Delete uploaded files by their SHA-256; return how many existed."""
    return sum(upload_store.delete(name) for name in set(names))


def encrypt_plain_files() -> int:
    """Encrypt the uploaded files stored as plain text; return how many."""
    return upload_store.encrypt_plain()


def file_key_use() -> KeyUse:
    """Count the uploaded files by the key that decrypts them."""
    return upload_store.key_use()


def reencrypt_files() -> int:
    """Re-encrypt the uploaded files stored under an older key with SECRET_KEY; return how many."""
    return sum(1 for _ in upload_store.reencrypt())


def delete_old_files(db: Session, *, before: datetime) -> int:
    """Delete the stored files that no import since a moment used; return how many existed."""
    used_since = retention_queries.files_since(db, before)
    return delete_files(set(upload_store.names(older_than=before)) - used_since)


def delete_old_details(db: Session, *, before: datetime) -> int:
    """Delete before-images and problems of imports ended before a moment; return how many."""
    return retention_queries.delete_details(db, before=before)
