"""SQL for the audit log entries of backups, and for the administrators to notify."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text

from app.accounts import Role
from app.db import Session
from app.db.models import User

NEWEST = """
select at, sentence, after from activity where entity = 'backup' and action = any (:actions)
order by id desc limit 1
"""

MADE = """
select at, sentence, after from activity
where entity = 'backup' and action = 'backup.made' and after ->> 'file' = :file
order by id desc limit 1
"""


class AuditEntry(NamedTuple):
    """An entry of the audit log about a backup."""

    at: datetime
    sentence: str
    after: dict[str, Any]


def newest_entry(db: Session, *actions: str) -> AuditEntry | None:
    """Return the newest audit log entry with one of these actions."""
    return _entry(db, NEWEST, actions=list(actions))


def entry_of_file(db: Session, file: str) -> AuditEntry | None:
    """Return the audit log entry of a backup file."""
    return _entry(db, MADE, file=file)


def _entry(db: Session, statement: str, **values: object) -> AuditEntry | None:
    row = db.execute(text(statement), values).first()
    return None if row is None else AuditEntry(*row)


def administrators(db: Session) -> Sequence[Any]:
    """Return (id, name, email, time_zone, locale) of every administrator who receives mails."""
    return db.execute(
        select(User.id, User.name, User.email, User.time_zone, User.locale)
        .where(User.participates, User.role == Role.ADMIN)
        .order_by(User.id)
    ).all()
