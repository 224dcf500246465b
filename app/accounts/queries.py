"""People and the organisation as SQL."""

from sqlalchemy import func, select

from app.accounts.scope import Actor, Role
from app.db import Session
from app.db.models import Organisation, User


def organisation_row(db: Session) -> Organisation | None:
    """Return the one row, or None before the first start."""
    return db.get(Organisation, 1)


def actor(db: Session, *, user_id: int | None = None, email: str | None = None) -> Actor | None:
    """Return the active user as an actor, by id or by e-mail in any case."""
    where = User.id == user_id if email is None else func.lower(User.email) == email.lower()
    row = db.scalar(select(User).where(where, User.active))
    if row is None:
        return None
    organisation = organisation_row(db)
    return Actor(
        user_id=row.id,
        role=Role(row.role),
        name=row.name,
        email=row.email,
        time_zone=row.time_zone or (organisation.time_zone if organisation else "UTC"),
        locale=row.locale or (organisation.locale if organisation else "en_US"),
    )
