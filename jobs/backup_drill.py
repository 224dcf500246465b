"""Monthly: the newest backup restored into a database of its own, compared and removed again."""

from datetime import datetime

from app import backups
from app.kit.errors import DonorCrmError
from app.settings import settings

OFF = "Turned off (BACKUP_DRILL)."


class DrillFailedError(DonorCrmError):
    """The newest backup did not pass; administrators are mailed."""


def run(now: datetime) -> str:
    """Try the newest backup and say how it went.

    Raises:
        DrillFailedError: it could not be restored, or is not what was made.
    """
    chosen = settings()
    if not chosen.backup_to:
        return backups.NO_PLACE
    if not chosen.backup_drill:
        return OFF
    done = backups.drill(chosen.backup_to, now=now)
    if done.failed:
        raise DrillFailedError(done.sentence)
    return done.sentence
