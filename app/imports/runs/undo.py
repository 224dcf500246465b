"""Undo an import (rollback of its changes): at once, or in the worker for a large one."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app import alerts, audit
from app.accounts import Actor, organisation, require
from app.db import Session, transaction_for_system
from app.db.queue import defer
from app.db.statements.cancellation import StoppedError, stoppable
from app.imports import import_lock
from app.imports import timeouts as import_timeouts
from app.imports.inspection import IMPORTERS
from app.imports.pipeline import Report, known_run
from app.imports.queries import staging as staging_queries
from app.imports.queries.runs import batches as batch_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs import undo as undo_queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.results import Undone
from app.imports.runs import batches
from app.imports.runs.retention import UNDO_WITHIN
from app.imports.runs.runs import TASK
from app.imports.runs.worker import NO_ACTOR, Watch, active_actor, save_progress
from app.kit.errors import ConflictError, DonorCrmError
from app.kit.formatting import count

# limit of sentences about rows not reverted that are stored for the history
MAX_SENTENCES = 200


def undo(db: Session, actor: Actor, *, run_id: int, now: datetime) -> Undone:
    """Revert exactly what the run changed; rows edited by users since then stay and are listed.

    Raises:
        NotFoundError: there is no run that the actor may see.
        ConflictError: the run is not done, or too old.
        TookTooLongError: a statement, or another import waited for, took too long.
    """
    require(actor, *IMPORTERS)
    import_lock.wait(db, actor, run_id=run_id)
    run = known_run(db, actor, run_id)
    _check_undoable(run, now)
    return _revert(db, actor, [run], "done", now=now, report=lambda _step, _percent: None)[0]


def undo_together(
    db: Session, actor: Actor, *, batch_id: int, now: datetime
) -> tuple[Undone, ...]:
    """Undo the files of a batch that are not undone yet, the last one first; all of them or none.

    Raises:
        NotFoundError: there is no batch that the actor may see.
        ConflictError: none of them is done, or they are too old.
        TookTooLongError: a statement, or another import waited for, took too long.
    """
    require(actor, *IMPORTERS)
    import_lock.wait(db, actor, run_id=batch_id)
    runs = _undoable_runs(db, actor, batch_id, now=now)
    with db.begin_nested():
        return _revert(db, actor, runs, "done", now=now, report=lambda _step, _percent: None)


def _undoable_runs(
    db: Session, actor: Actor, batch_id: int, *, now: datetime, lock: bool = False
) -> Sequence[StoredRun]:
    runs = batches.batch_runs(db, actor, batch_id, lock=lock)
    done = [run for run in runs if run.state == "done"]
    for run in done or runs:
        _check_undoable(run, now)
    return done


def queue_undo(db: Session, actor: Actor, *, run_id: int, now: datetime) -> None:
    """Queue the undo of a big import for the worker, in the caller's transaction.

    Raises:
        NotFoundError, ConflictError: as `undo`.
    """
    require(actor, *IMPORTERS)
    run = known_run(db, actor, run_id, lock=True)
    _check_undoable(run, now)
    _queue(db, actor, [run])


def queue_undo_together(db: Session, actor: Actor, *, batch_id: int, now: datetime) -> None:
    """Queue the undo of a big batch for the worker, in the caller's transaction.

    Raises:
        NotFoundError, ConflictError: as `undo_together`.
    """
    require(actor, *IMPORTERS)
    _queue(db, actor, _undoable_runs(db, actor, batch_id, now=now, lock=True))


def _queue(db: Session, actor: Actor, runs: Sequence[StoredRun]) -> None:
    for run in runs:
        queries.change_run(
            db,
            run.id,
            state="undoing",
            undone_by=actor.user_id,
            progress=0,
            error=None,
            doing="Waiting to be taken back",
        )
    defer(db, TASK, {"run_id": runs[0].id}, queueing_lock=f"import:{runs[0].id}")


def undo_queued(run_id: int, *, now: datetime) -> str | None:
    """Execute a queued undo in its own transaction and return a sentence; None if none is queued.

    A run of a batch is undone with the others of its batch whose undo is queued. A DonorCrmError
    leaves the import as it was, with the reason; any other exception is raised for the worker to
    retry.
    """
    with transaction_for_system() as db:
        undone_by = queries.undoing(db, run_id)
        if undone_by is None:
            return None
        run_ids = batch_queries.together(db, run_id, "undoing")
        actor = active_actor(db, undone_by)
        if actor is None:
            _give_up(db, run_ids, NO_ACTOR)
            return f"Import {run_id} was not undone: {NO_ACTOR}"
    watch = Watch(actor, run_ids[0], "undoing")
    try:
        with transaction_for_system() as db, stoppable(db, when=watch):
            watch.wait_for_turn(db)
            require(actor, *IMPORTERS)
            _revert(
                db,
                actor,
                [known_run(db, actor, each) for each in run_ids],
                "undoing",
                now=now,
                report=lambda step, percent: save_progress(run_ids[0], step, percent),
            )
    except StoppedError:
        return f"The undo of import {run_id} was cancelled."
    except DonorCrmError as error:
        with transaction_for_system() as db:
            _give_up(db, run_ids, str(error))
        return f"Import {run_id} was not undone: {error}"
    return f"Import {run_id} is undone."


def _give_up(db: Session, run_ids: Sequence[int], reason: str) -> None:
    """Leave the imports as they were, with the reason why they are not undone."""
    for run_id in run_ids:
        queries.change_run_in(db, run_id, "undoing", state="done", doing=None, error=reason)


def _check_undoable(run: StoredRun, now: datetime) -> None:
    """Refuse a run that is not done, or too old.

    Raises:
        ConflictError: it cannot be undone.
    """
    if run.state != "done":
        msg = f"Import {run.id} is {run.state}; only a finished import can be undone."
        raise ConflictError(msg)
    if run.committed_at is not None and run.committed_at < now - UNDO_WITHIN:
        msg = "This import is older than a year. What stood there before is no longer kept."
        raise ConflictError(msg)


def _revert(
    db: Session,
    actor: Actor,
    runs: Sequence[StoredRun],
    state: str,
    *,
    now: datetime,
    report: Report,
) -> tuple[Undone, ...]:
    """Restore the rows of all runs, the last one first, and mark the runs as undone.

    The runs themselves are changed at the end: until then each can be cancelled.
    """
    sentences: dict[int, tuple[str, ...]] = {}
    with import_timeouts.undoing(db):
        for place, run in enumerate(reversed(runs)):
            part = batches.part_of(report, run.file_name, place=place + 1, places=len(runs))
            sentences[run.id] = _restore(db, run, now=now, report=part)
    return tuple(_end(db, actor, run, state, now=now, sentences=sentences[run.id]) for run in runs)


def _restore(db: Session, run: StoredRun, *, now: datetime, report: Report) -> tuple[str, ...]:
    """Restore the rows of a run and the alerts of their donors."""
    concerned = queries.donors_of_gifts(db, run.id) | queries.donors_of_changed_rows(db, run.id)
    staging_queries.prepare(db)
    sentences = tuple(undo_queries.restore_rows(db, run_id=run.id, report=report))
    report("Updating the alerts", 95)
    _follow_alerts(db, concerned, now=now)
    return sentences


def _end(
    db: Session,
    actor: Actor,
    run: StoredRun,
    state: str,
    *,
    now: datetime,
    sentences: tuple[str, ...],
) -> Undone:
    """Mark a run as undone and record it in the audit log.

    Raises:
        ConflictError: it is no longer in `state`.
    """
    ended = queries.change_run_in(
        db,
        run.id,
        state,
        state="undone",
        undone_at=now,
        undone_by=actor.user_id,
        doing=None,
        error=None,
        kept=_as_json(sentences),
    )
    if not ended:
        msg = "Somebody changed this just now. Nothing was taken back; look again."
        raise ConflictError(msg)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="import.undone",
        entity="import",
        entity_id=run.id,
        sentence=f"Undid the import of {run.file_name}; {count(len(sentences), 'row')} kept.",
    )
    return Undone(run.id, sentences)


def _follow_alerts(db: Session, donor_ids: Collection[int], *, now: datetime) -> None:
    """Resolve and reopen the alerts of the donors whose rows were restored."""
    today = now.astimezone(ZoneInfo(organisation(db).time_zone)).date()
    ids = sorted(donor_ids)
    alerts.settle(db, donor_ids=ids, today=today, now=now)
    alerts.follow_pledges(db, donor_ids=ids, today=today)


def _as_json(sentences: Sequence[str]) -> dict[str, Any]:
    return {"rows": len(sentences), "said": list(sentences[:MAX_SENTENCES])} if sentences else {}
