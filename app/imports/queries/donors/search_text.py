"""The search text of donors: refreshed once for all donors that an import or its undo changes."""

from sqlalchemy import text

from app.db import Session

_TRIGGER = "donor_search_refreshed"


def defer(db: Session) -> None:
    """Let the search text wait until `refresh`, instead of refreshing it with every statement.

    Nobody can leave a search text stale by this: PostgreSQL itself runs what was deferred before
    the transaction commits, and no user may write the table of the donors that wait. Rolling back
    to a savepoint also undoes it.
    """
    db.execute(text(f"set constraints {_TRIGGER} deferred"))


def refresh(db: Session) -> None:
    """Refresh the search text of all donors changed since `defer`, and no longer defer it."""
    db.execute(text(f"set constraints {_TRIGGER} immediate"))
