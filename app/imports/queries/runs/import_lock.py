"""One import at a time: an advisory transaction lock, and the run that holds it."""

from typing import Protocol

from sqlalchemy import text

from app.db import Session

_KEY = "hashtext('donorcrm import')"
# application_name prefix of an import's connection, for other imports and administrators
_NAME = "donorcrm import "


class LockHolder(Protocol):
    """The run that holds the lock, with the name of its user."""

    id: int
    file_name: str
    state: str
    user_id: int
    person: str


def take(db: Session) -> bool:
    """Take the import lock until the transaction ends; return False if another import holds it."""
    return bool(db.scalar(text(f"select pg_try_advisory_xact_lock({_KEY})")))


def wait(db: Session) -> None:
    """Wait for the import lock, in the order of arrival."""
    db.execute(text(f"select pg_advisory_xact_lock({_KEY})"))


def name(db: Session, run_id: int) -> None:
    """Publish in `application_name` which run holds the lock."""
    db.execute(text(f"set local application_name = '{_NAME}{int(run_id)}'"))


def holder(db: Session) -> LockHolder | None:
    """Return the run that holds the lock, with its user; None if it cannot be determined."""
    return db.execute(
        text("""
        select r.id, r.file_name, r.state, r.user_id, u.name as person
        from pg_stat_activity a
        join import_run r on r.id = substring(a.application_name from length(:name) + 1)::bigint
        join app_user u on u.id = r.user_id
        where a.datname = current_database() and starts_with(a.application_name, :name)
        limit 1
        """),
        {"name": _NAME},
    ).one_or_none()
