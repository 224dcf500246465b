"""Restore drill job: restore the newest backup into a separate database and compare it.

The database is dropped afterwards. It runs monthly, or as often as BACKUP_DRILL says.
"""

from datetime import datetime

from app import backups
from app.kit.errors import DonorCrmError
from app.settings import settings

OFF = "Turned off (BACKUP_DRILL)."


class DrillFailedError(DonorCrmError):
    """The newest backup failed the restore drill; administrators get a mail."""


def run(now: datetime) -> str:
    """Restore and compare the newest backup; return the result as a sentence.

    Raises:
        DrillFailedError: the backup could not be restored, or differs from what was backed up.
    """
    chosen = settings()
    if not chosen.backup_to:
        return backups.NO_PLACE
    if chosen.backup_drill == "off":
        return OFF
    done = backups.drill(chosen.backup_to, now=now)
    if done.failed:
        raise DrillFailedError(done.sentence)
    return done.sentence
