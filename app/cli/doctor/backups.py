"""The doctor's checks of backup encryption, the restore drill and the audit log."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app import audit, backups
from app.db import schema_revision, transaction_for_system
from app.settings import settings


class MinorProblem(str):
    """A problem that the doctor prints as a warning, because it may be intended."""

    __slots__ = ()


# the age at which a drill is overdue, by BACKUP_DRILL
OLD_DRILL = {
    "weekly": timedelta(days=10),
    "monthly": timedelta(days=40),
    "quarterly": timedelta(days=105),
}
READABLE_BY_OTHERS = 0o077


def _encryption() -> Iterator[str]:
    config = settings()
    if config.backup_to and not config.backup_recipients:
        advice = "Run: python -m app backup new-key FILE, then set BACKUP_RECIPIENTS."
        if backups.in_a_bucket(config.backup_to):
            yield f"Backups leave this server and are not encrypted. {advice}"
        else:
            yield MinorProblem(f"Backups are not encrypted, unless their disk is. {advice}")
    if config.backup_identity_file:
        backups.identities()
        if Path(config.backup_identity_file).expanduser().stat().st_mode & READABLE_BY_OTHERS:
            yield f"Others can read {config.backup_identity_file}. Run: chmod 600 on it."


def _drill() -> Iterator[str]:
    if not schema_revision.at_head():
        return
    with transaction_for_system() as db:
        status = backups.status(db)
    drill, oldest = status.drill, OLD_DRILL.get(settings().backup_drill)
    if drill is None:
        if status.kept is not None and oldest is not None:
            yield "No backup has been restored on trial yet. Run: python -m app backup drill"
    elif drill.result != backups.DRILL_RESTORED:
        yield drill.sentence
    elif oldest is not None and datetime.now(UTC) - drill.at > oldest:
        yield (
            f"The last restore on trial was on {drill.at:%Y-%m-%d}. Run: python -m app backup "
            "drill"
        )


def _audit_log() -> Iterator[str]:
    if not schema_revision.at_head():
        return
    with transaction_for_system() as db:
        verified = audit.verify(db)
    if verified.broken:
        yield (
            f"{verified.broken} Somebody changed it in the database. Find out who could, and keep "
            "an earlier backup: it shows what was there."
        )


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "Backup encryption": _encryption,
    "Restore drill": _drill,
    "Audit log": _audit_log,
}
