"""Waiting for the turn: two imports at once could each miss what the other makes."""

from collections.abc import Callable
from datetime import timedelta

from app.accounts import Actor, Role
from app.db import Session, timeouts
from app.imports.queries import import_lock as lock_queries

# somebody waits before a screen, or a program for an answer
SHORT = timedelta(minutes=2)
Say = Callable[[str], None]


def take_turn(db: Session) -> bool:
    """Take the right to import in this transaction; False while another import has it.

    Who does not get it hands the run over: the worker waits, and says for whom.
    """
    return lock_queries.take(db)


def wait(
    db: Session, actor: Actor, *, run_id: int | None, patience: timedelta = SHORT,
    say: Say = lambda _sentence: None,
) -> None:  # fmt: skip
    """Wait until no other import is at work; one that waits longer than `patience` is refused.

    `say` is told at once for whom.

    Raises:
        TookTooLongError: the other import took longer.
    """
    if not lock_queries.take(db):
        say(sentence(db, actor))
        refusal = (
            f"Another import was still at work after {timeouts.words(patience)}. "
            "Nothing was changed; try again when it has finished."
        )
        with timeouts.at_most(db, patience, otherwise=refusal):
            lock_queries.wait(db)
    if run_id is not None:
        lock_queries.name(db, run_id)


def sentence(db: Session, actor: Actor) -> str:
    """Say for which import somebody waits; another's file is not named to whom it is hidden."""
    other = lock_queries.at_work(db)
    if other is None:
        return "Waiting for another import to finish"
    act = "be undone" if other.state == "undoing" else "finish"
    if other.user_id == actor.user_id:
        which = other.file_name
    elif actor.role in {Role.ADMIN, Role.SYSTEM}:
        which = f"{other.file_name}, by {other.person}"
    else:
        which = f"a file of {other.person}"
    return f"Waiting for another import to {act}: {which}"
