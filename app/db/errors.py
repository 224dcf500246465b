"""User messages for errors of the database."""

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

DatabaseError = SQLAlchemyError

SLOW = "That took too long. Narrow the filters and try again."
BUSY = "Many people are working right now. Wait a moment and try again."
AWAY = "The database cannot be reached right now. Nothing was saved. Try again in a minute."
REFUSED = "The database refused this. Nothing was saved."


def sentence(error: DatabaseError) -> str:
    """Return the message for an error, without the statement or its values."""
    if isinstance(error, PoolTimeoutError):
        return BUSY
    if isinstance(error, OperationalError):
        return SLOW if "statement timeout" in str(error.orig) else AWAY
    return REFUSED
