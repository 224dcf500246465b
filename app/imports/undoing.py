"""Taking an import back."""

from datetime import datetime

from app import audit
from app.accounts import Actor, require
from app.db import Session
from app.imports import queries, queries_stage, queries_undo
from app.imports.answers import Undone
from app.imports.keeping import UNDO_WITHIN
from app.imports.looking import IMPORTERS
from app.imports.service import known_run
from app.kit.errors import ConflictError
from app.kit.words import count


def undo(db: Session, actor: Actor, *, run_id: int, now: datetime) -> Undone:
    """Put back exactly what the run changed; what a person edited since stays and is listed.

    Raises:
        NotFoundError: there is no such run in sight.
        ConflictError: the run is not done.
    """
    require(actor, *IMPORTERS)
    queries_stage.one_at_a_time(db)
    run = known_run(db, actor, run_id)
    if run.state != "done":
        msg = f"Import {run_id} is {run.state}; only a finished import can be undone."
        raise ConflictError(msg)
    if run.committed_at < now - UNDO_WITHIN:
        msg = "This import is older than a year. What stood there before is no longer kept."
        raise ConflictError(msg)
    kept = tuple(queries_undo.put_back(db, run_id=run_id))
    queries.change_run(db, run_id, state="undone", undone_at=now, undone_by=actor.user_id)
    audit.record(
        db, actor_id=actor.user_id, action="import.undone", entity="import", entity_id=run_id,
        sentence=f"Undid the import of {run.file_name}; {count(len(kept), 'row')} kept.",
    )  # fmt: skip
    return Undone(run_id, kept)
