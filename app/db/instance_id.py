"""The name of this database inside the ids of its exports."""

from sqlalchemy import select

from app.db.models import Organisation
from app.db.session import Session


def own_key(db: Session) -> str:
    """Return a short word that tells our record 17 from another installation's 17.

    It is made of the organisation's first moment, which a backup and restore keep.
    """
    born = db.scalar(select(Organisation.created_at))
    return f"dc{int(born.timestamp() * 1000) % 36**7:x}" if born else "dc0"
