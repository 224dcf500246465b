"""Queries on the organisation's logo."""

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import OrganisationLogo


def logo(db: Session) -> bytes | None:
    """Return the logo as PNG, or None."""
    return db.scalar(select(OrganisationLogo.png))


def set_logo(db: Session, png: bytes) -> None:
    """Insert or replace the logo."""
    statement = insert(OrganisationLogo).values(id=1, png=png)
    changes = {"png": png, "updated_at": func.now()}
    db.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def remove_logo(db: Session) -> bool:
    """Delete the logo; return whether there was one."""
    return db.scalar(delete(OrganisationLogo).returning(OrganisationLogo.id)) is not None
