"""Retention queries of imports: files in use, and deletion of old before-images."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, or_, select, text, update

from app.db import Session
from app.db.models import ImportChange, ImportRun


def files_since(db: Session, moment: datetime) -> set[str]:
    """Return the SHA-256 of the files of runs created or changed since a moment."""
    return set(db.scalars(select(ImportRun.file_sha256).where(ImportRun.updated_at >= moment)))


def files_waiting(db: Session) -> set[str]:
    """Return the SHA-256 of the files of runs that wait for the worker or run."""
    states = ("queued", "running", "undoing")
    return set(db.scalars(select(ImportRun.file_sha256).where(ImportRun.state.in_(states))))


def users_of_files(db: Session, names: Collection[str]) -> dict[str, set[int]]:
    """Return the users whose runs used each of these files, by the file's SHA-256."""
    rows = db.execute(
        select(ImportRun.file_sha256, ImportRun.user_id)
        .where(ImportRun.file_sha256.in_(list(names)))
        .distinct()
    )
    users: dict[str, set[int]] = {}
    for name, user_id in rows:
        users.setdefault(name, set()).add(user_id)
    return users


def delete_details(db: Session, *, before: datetime) -> int:
    """Delete before-images and problems of runs ended before a moment; return how many runs."""
    ended = func.coalesce(ImportRun.committed_at, ImportRun.created_at) < before
    has_images = select(ImportChange.run_id).where(ImportChange.run_id == ImportRun.id).exists()
    has_problems = text("problems <> '[]'::jsonb")
    run_ids = list(db.scalars(select(ImportRun.id).where(ended, or_(has_images, has_problems))))
    if run_ids:
        db.execute(delete(ImportChange).where(ImportChange.run_id.in_(run_ids)))
        db.execute(
            update(ImportRun)
            .where(ImportRun.id.in_(run_ids))
            .values(problems=[], kept={}, updated_at=ImportRun.updated_at)
            .execution_options(synchronize_session=False)
        )
    return len(run_ids)
