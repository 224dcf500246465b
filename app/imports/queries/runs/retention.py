"""Retention queries of imports: files in use, and deletion of old before-images."""

from datetime import datetime

from sqlalchemy import delete, func, or_, select, text, update

from app.db import Session
from app.db.models import ImportChange, ImportRun


def files_since(db: Session, moment: datetime) -> set[str]:
    """Return the SHA-256 of the files of runs created or changed since a moment."""
    return set(db.scalars(select(ImportRun.file_sha256).where(ImportRun.updated_at >= moment)))


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
