"""Time limits of the import steps, with the error message for each."""

from contextlib import AbstractContextManager

from app.db import Session
from app.db.statements import timeouts


def planning(db: Session) -> AbstractContextManager[None]:
    """Limit the statements that stage a file and compare it with the stored data."""
    limit = timeouts.timeout_sentence(timeouts.PLANNING)
    return timeouts.at_most(
        db,
        timeouts.PLANNING,
        otherwise=f"Reading this file took longer than {limit} and was stopped. Nothing was "
        "saved; split it into smaller files, or try again at a quieter time.",
    )


def writing(db: Session) -> AbstractContextManager[None]:
    """Limit the statements that write a plan."""
    limit = timeouts.timeout_sentence(timeouts.WRITING)
    return timeouts.at_most(
        db,
        timeouts.WRITING,
        otherwise=f"A step of this import took longer than {limit} and was stopped. Nothing was "
        "saved, and the file is kept: import it again at a quieter time, or split it into "
        "smaller files.",
    )


def undoing(db: Session) -> AbstractContextManager[None]:
    """Limit the statements that undo an import."""
    limit = timeouts.timeout_sentence(timeouts.WRITING)
    return timeouts.at_most(
        db,
        timeouts.WRITING,
        otherwise=f"A step of this undo took longer than {limit} and was stopped. The import is "
        "as it was; undo it again at a quieter time.",
    )
