"""The record as SQL."""

from typing import Any

from sqlalchemy import insert

from app.db import Session
from app.db.models import Activity


def add(db: Session, **values: Any) -> None:
    """Insert one line."""
    db.execute(insert(Activity).values(**values))
