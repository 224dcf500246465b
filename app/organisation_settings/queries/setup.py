"""The lock of the first set-up."""

from sqlalchemy import func, select

from app.db import Session

# any number, the same in every process
LOCK = 7_041_978


def lock(db: Session) -> None:
    """Wait until no other process sets up this installation, and keep others waiting."""
    db.execute(select(func.pg_advisory_xact_lock(LOCK)))
