"""The record as SQL."""

from typing import Any

from sqlalchemy import insert

from app.db import Session
from app.db.models import Activity


def add(db: Session, **values: Any) -> int:
    """Insert one line and return its number."""
    return db.execute(insert(Activity).values(**values).returning(Activity.id)).scalar_one()
