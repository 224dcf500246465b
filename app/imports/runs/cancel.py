"""Cancel an import, or its undo, that is queued or running in the worker."""

from datetime import datetime

from app import audit
from app.accounts import Actor, require
from app.db import Session
from app.imports.inspection import IMPORTERS
from app.imports.pipeline import known_run
from app.imports.queries.runs import batches as batch_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import StoredRun
from app.kit.errors import ConflictError

_ENDED = {
    "preview": "This import has not begun. Leave the page, and nothing comes in.",
    "done": "It was in already; you can undo it.",
    "failed": "It had stopped already, and nothing of it came in.",
    "cancelled": "It was cancelled already, and nothing of it came in.",
    "undone": "It was in already, and is undone.",
}


def cancel(db: Session, actor: Actor, *, run_id: int, now: datetime) -> None:
    """Cancel an import, or an undo, that is queued or running: none of its changes are saved.

    The worker notices within a second, stops, and rolls back. Every user who may undo an import
    may cancel it. A run of a batch is cancelled with the others of its batch.

    Raises:
        NotFoundError: there is no run that the actor may see.
        ConflictError: it has ended already; the message says how.
    """
    require(actor, *IMPORTERS)
    # an import that is just committing holds this lock; its final state is then seen
    run = known_run(db, actor, run_id, lock=True)
    if run.state in _ENDED:
        raise ConflictError(_ENDED[run.state])
    states = ("undoing",) if run.state == "undoing" else ("queued", "running")
    for member in batch_queries.together(db, run_id, *states):
        _cancel(db, actor, known_run(db, actor, member, lock=True), now=now)


def _cancel(db: Session, actor: Actor, run: StoredRun, *, now: datetime) -> None:
    if run.state == "undoing":
        cancelled = "undo of the import"
        queries.change_run(db, run.id, state="done", doing=None, undone_by=None)
    else:
        cancelled = "import"
        queries.change_run(
            db,
            run.id,
            state="cancelled",
            doing=None,
            cancelled_at=now,
            cancelled_by=actor.user_id,
        )
    audit.record(
        db,
        actor_id=actor.user_id,
        action="import.cancelled",
        entity="import",
        entity_id=run.id,
        sentence=f"Cancelled the {cancelled} of {run.file_name}.",
    )
