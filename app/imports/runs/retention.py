"""How long files and before-images are kept, and forgetting them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.db import Session
from app.imports import upload_store
from app.imports.queries import retention as retention_queries
from app.kit.encryption import KeyUse

# an error file may be asked for, and the file brought in again
FILES_KEPT = timedelta(days=90)
# after so long an import cannot be undone any more
UNDO_WITHIN = timedelta(days=365)


def forget_files(names: Iterable[str]) -> int:
    """Delete uploaded files by their SHA-256; return how many there were."""
    return sum(upload_store.forget(one) for one in set(names))


def encrypt_plain_files() -> int:
    """Encrypt the uploaded files kept from before files were encrypted; return how many."""
    return upload_store.encrypt_plain()


def file_key_use() -> KeyUse:
    """Count the uploaded files by the key that opens them."""
    return upload_store.key_use()


def reseal_files() -> int:
    """Encrypt the uploaded files kept under an older key with SECRET_KEY; return how many."""
    return sum(1 for _ in upload_store.reseal())


def forget_old_files(db: Session, *, before: datetime) -> int:
    """Delete the files no import since a moment has brought; return how many there were."""
    young = retention_queries.files_since(db, before)
    return forget_files(set(upload_store.names(older_than=before)) - young)


def close_old(db: Session, *, before: datetime) -> int:
    """Forget the before-images and problems of imports done before a moment; return how many."""
    return retention_queries.close(db, before=before)
