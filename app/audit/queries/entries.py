"""Queries that write audit log entries."""

from sqlalchemy import insert

from app.db import Session
from app.db.models import Activity


def add(db: Session, **values: object) -> int:
    """Insert one entry and return its id."""
    return db.execute(insert(Activity).values(**values).returning(Activity.id)).scalar_one()
