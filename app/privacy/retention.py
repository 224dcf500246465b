"""Retention periods of all personal data in one table, and the nightly deletion."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import accounts, audit, donors, imports
from app.db import Session, idempotency_keys
from app.privacy.queries import retention as retention_queries


@dataclass(frozen=True, slots=True)
class Period:
    """A retention period: labels for one and for many, the duration, its reason, the deletion."""

    singular: str
    plural: str
    duration: timedelta
    reason: str
    purge: Callable[[Session, datetime, datetime], int]


def _period(
    singular: str, plural: str, duration: timedelta, reason: str, purge: Callable[..., int]
) -> Period:
    return Period(
        singular, plural, duration, reason, lambda db, _now, before: purge(db, before=before)
    )


def _file_retention(db: Session) -> timedelta:
    return timedelta(days=accounts.organisation(db).file_retention_days)


DAY = timedelta(days=1)
PERIODS = (
    Period(
        "expired session or code cleared",
        "expired sessions and codes cleared",
        timedelta(0),
        "they let nobody in any more",
        lambda db, now, _before: accounts.purge_sessions(db, now=now),
    ),
    _period(
        "old answer cleared",
        "old answers cleared",
        idempotency_keys.LASTS,
        "a program asks again within a day",
        idempotency_keys.release,
    ),
    Period(
        "uploaded file cleared",
        "uploaded files cleared",
        timedelta(0),
        "it may be imported again, or its error file be asked for, for the days of the settings",
        lambda db, now, _before: imports.delete_old_files(db, before=now - _file_retention(db)),
    ),
    _period(
        "text of a mail cleared",
        "texts of mails cleared",
        90 * DAY,
        "to see what was sent, and send it again",
        retention_queries.empty_mails,
    ),
    _period(
        "import closed",
        "imports closed",
        imports.UNDO_WITHIN,
        "an import can be undone for so long",
        imports.delete_old_details,
    ),
    _period(
        "old look at a donor cleared",
        "old looks at donors cleared",
        365 * DAY,
        "to answer who looked",
        donors.purge_access_log,
    ),
    # seven years, the retention period of accounting records
    _period(
        "old line of the audit log cleared",
        "old lines of the audit log cleared",
        timedelta(days=7 * 365 + 2),
        "as long as books are kept",
        audit.purge_old,
    ),
)


def purge_expired(db: Session, *, now: datetime) -> list[tuple[int, str, str]]:
    """Delete all data past its period; return (number, singular, plural label) of each kind."""
    return [
        (period.purge(db, now, now - period.duration), period.singular, period.plural)
        for period in PERIODS
    ]
