"""SQL for the audit log entries of backups, and for the administrators to notify."""

from collections.abc import Sequence
from typing import Any

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


def newest(db: Session, *actions: str) -> Any | None:
    """Return (at, sentence, after) of the newest audit log entry with one of these actions."""
    return db.execute(text(NEWEST), {"actions": list(actions)}).first()


def made(db: Session, file: str) -> Any | None:
    """Return (at, sentence, after) of the audit log entry of a backup file."""
    return db.execute(text(MADE), {"file": file}).first()


def administrators(db: Session) -> Sequence[Any]:
    """Return (id, name, email, time_zone) of every administrator who receives mails."""
    return db.execute(
        select(User.id, User.name, User.email, User.time_zone)
        .where(User.participates, User.role == Role.ADMIN)
        .order_by(User.id)
    ).all()
