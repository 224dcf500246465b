"""One import at a time, as SQL: a lock of the transaction, and which import holds it."""

from typing import Any

from sqlalchemy import text

from app.db import Session

_KEY = "hashtext('donorcrm import')"
# how the connection of an import is called, for the others and for whoever looks after the server
_NAME = "donorcrm import "


def take(db: Session) -> bool:
    """Take the turn until the transaction ends; False while another import has it."""
    return bool(db.scalar(text(f"select pg_try_advisory_xact_lock({_KEY})")))


def wait(db: Session) -> None:
    """Wait for the turn, behind those who came before."""
    db.execute(text(f"select pg_advisory_xact_lock({_KEY})"))


def name(db: Session, run_id: int) -> None:
    """Let others see which run has the turn."""
    db.execute(text(f"set local application_name = '{_NAME}{int(run_id)}'"))


def at_work(db: Session) -> Any | None:
    """Return the run that has the turn, and whose it is; None if it cannot be seen."""
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
