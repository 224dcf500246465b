"""Identifier of this installation, used in the ids of its exports."""

from sqlalchemy import select

from app.db.models import Organisation
from app.db.session import Session


def current_instance_id(db: Session) -> str:
    """Return a short id that tells this installation's record 17 from another's record 17.

    It is derived from the creation time of the organisation, which survives backup and restore.
    """
    born = db.scalar(select(Organisation.created_at))
    return f"dc{int(born.timestamp() * 1000) % 36**7:x}" if born else "dc0"
