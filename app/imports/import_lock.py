"""The import lock: two imports at once could each miss the rows that the other creates."""

from collections.abc import Callable
from datetime import timedelta

from app.accounts import Actor, Role
from app.db import Session
from app.db.statements import timeouts
from app.imports.queries.runs import import_lock as lock_queries

# a user waits for the page, or a program for its response
SHORT = timedelta(minutes=2)
# called with a sentence about the import that is waited for
Report = Callable[[str], None]


def try_lock(db: Session) -> bool:
    """Take the import lock in this transaction; return False while another import holds it.

    A caller that does not get the lock queues the run: the worker waits for the lock and reports
    which import it waits for.
    """
    return lock_queries.take(db)


def wait(
    db: Session,
    actor: Actor,
    *,
    run_id: int | None,
    patience: timedelta = SHORT,
    report: Report = lambda _sentence: None,
) -> None:
    """Wait until no other import runs, for at most `patience`.

    `report` is called at once with a sentence about the import that is waited for.

    Raises:
        TookTooLongError: the other import took longer.
    """
    if not lock_queries.take(db):
        report(sentence(db, actor))
        message = (
            f"Another import was still at work after {timeouts.timeout_sentence(patience)}. "
            "Nothing was changed; try again when it has finished."
        )
        with timeouts.at_most(db, patience, otherwise=message):
            lock_queries.wait(db)
    if run_id is not None:
        lock_queries.name(db, run_id)


def sentence(db: Session, actor: Actor) -> str:
    """Return a sentence about the import waited for, without a file name the actor may not see."""
    other = lock_queries.holder(db)
    if other is None:
        return "Waiting for another import to finish"
    action = "be undone" if other.state == "undoing" else "finish"
    if other.user_id == actor.user_id:
        file = other.file_name
    elif actor.role in {Role.ADMIN, Role.SYSTEM}:
        file = f"{other.file_name}, by {other.person}"
    else:
        file = f"a file of {other.person}"
    return f"Waiting for another import to {action}: {file}"
