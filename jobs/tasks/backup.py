"""Nightly job: back up the whole database as one file to BACKUP_TO."""

from datetime import datetime

from app import backups
from app.kit.formatting import count
from app.settings import settings


def run(now: datetime) -> str:
    """Make a backup, store it, and remove backups past their retention period."""
    chosen = settings()
    if not chosen.backup_to:
        return backups.NO_PLACE
    backup, _address = backups.back_up(chosen.backup_to, now=now)
    old = backups.remove_old(chosen.backup_to, now=now, keep_days=chosen.backup_keep)
    removed = f", {count(old, 'old one')} removed" if old else ""
    broken = f" The audit log is broken. {backup.audit.why}" if backup.audit.broken_lines else ""
    return f"{count(backup.rows, 'row')} kept, {backup.bytes / 1e6:,.1f} MB{removed}.{broken}"
