"""Nightly: the whole database as one file, where BACKUP_TO says."""

from datetime import datetime

from app import backups
from app.kit.words import count
from app.settings import settings


def run(now: datetime) -> str:
    """Make a backup, bring it to its place, and remove those that have had their time."""
    chosen = settings()
    if not chosen.backup_to:
        return backups.NO_PLACE
    made = backups.make(chosen.data_dir / "backups" / backups.file_name(now), now=now)
    try:
        backups.put(made.path, chosen.backup_to)
    finally:
        if chosen.backup_to.startswith("s3:"):
            made.path.unlink(missing_ok=True)
    old = backups.remove_old(chosen.backup_to, now=now, keep_days=chosen.backup_keep)
    removed = f", {count(old, 'old one')} removed" if old else ""
    return f"{count(made.rows, 'row')} kept, {made.bytes / 1e6:,.1f} MB{removed}."
