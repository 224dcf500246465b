"""Execution of queued imports in the worker, with progress, cancellation and mail."""

import threading
from collections.abc import Sequence
from datetime import date, datetime

from app.accounts import Actor, actor_by_id
from app.db import Session, transaction_for_system
from app.db.statements import timeouts
from app.db.statements.cancellation import stoppable
from app.imports import import_lock
from app.imports.planning.plan import Plan
from app.imports.queries.runs import batches as batch_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import QueuedRun
from app.imports.runs import notifications
from app.imports.runs.batches import commit_together
from app.imports.service import commit as commit_import
from app.kit.errors import DonorCrmError, NotFoundError
from app.kit.formatting import join_names

NO_ACTOR = "Whoever asked for this may not sign in any more. Nothing was changed."


def run_queued(run_id: int, *, today: date, now: datetime) -> str:
    """Execute a queued import in its own transaction and return a sentence about the result.

    A run of a batch is executed with the others of its batch. Progress is saved in separate
    transactions, so that every page shows it, and the user who started the import is notified by
    mail. A DonorCrmError is stored as the run's error; any other exception is raised for the
    worker to retry, and its transaction is rolled back.
    """
    with transaction_for_system() as db:
        runs = _begin(db, run_id)
        if not runs:
            return f"Import {run_id} was not waiting."
        actor = active_actor(db, runs[0].user_id)
        if actor is None:
            _fail(db, runs, NO_ACTOR)
            return f"Import {run_id} was refused: {NO_ACTOR}"
    names = join_names([run.file_name for run in runs], len(runs))
    watch = Watch(actor, runs[0].id, "running")
    try:
        with transaction_for_system() as db, stoppable(db, when=watch):
            watch.wait_for_turn(db)
            plans = _commit(db, actor, runs, today=today, now=now)
            notifications.mail_done(
                db, actor, run_id=runs[0].id, file_name=names, plans=plans, now=now
            )
    except DonorCrmError as error:
        with transaction_for_system() as db:
            if not _fail(db, runs, str(error)):
                return f"Import {run_id} was cancelled."
            notifications.mail_failed(
                db, actor, run_id=runs[0].id, file_name=names, reason=str(error), now=now
            )
        return f"Import {run_id} was refused: {error}"
    return f"Import {run_id} is done."


def _begin(db: Session, run_id: int) -> list[QueuedRun]:
    """Mark a queued run, and those of its batch, as running; return them in order."""
    run_ids = batch_queries.together(db, run_id, "queued", "running")
    return [run for each in run_ids if (run := queries.begin(db, each)) is not None]


def _commit(
    db: Session, actor: Actor, runs: Sequence[QueuedRun], *, today: date, now: datetime
) -> Sequence[Plan]:
    first = runs[0]

    def report(step: str, percent: int) -> None:
        save_progress(first.id, step, percent)

    if first.batch_id is None:
        plan = commit_import(
            db,
            actor,
            run_id=first.id,
            plan_hash=first.plan_hash,
            today=today,
            now=now,
            report=report,
        )
        return [plan]
    return commit_together(
        db,
        actor,
        batch_id=first.batch_id,
        plan_hashes=[run.plan_hash for run in runs],
        today=today,
        now=now,
        report=report,
    )


def _fail(db: Session, runs: Sequence[QueuedRun], reason: str) -> bool:
    """Store why the runs failed; return False if they were cancelled meanwhile."""
    ended = [queries.end(db, run.id, state="failed", error=reason, doing=None) for run in runs]
    return any(ended)


def active_actor(db: Session, user_id: int) -> Actor | None:
    """Return the current actor of the user who queued a run; None when they may not sign in."""
    try:
        return actor_by_id(db, user_id)
    except NotFoundError:
        return None


class Watch:
    """Monitor of a run outside its own transaction: its cancellation, its wait for the lock."""

    def __init__(self, actor: Actor, run_id: int, state: str) -> None:
        """Monitor a run that is wanted as long as it is in `state`."""
        self._actor, self._run_id, self._state = actor, run_id, state
        self._lock, self._waiting, self._saved = threading.Lock(), False, ""

    def __call__(self) -> bool:
        """Return whether the run has left its state; while it waits, update what it waits for."""
        with transaction_for_system() as db:
            with self._lock:
                if self._waiting:
                    self._save(db, import_lock.sentence(db, self._actor))
            return queries.state(db, self._run_id) != self._state

    def wait_for_turn(self, db: Session) -> None:
        """Wait until no other import runs, in the run's own transaction.

        Raises:
            TookTooLongError: the other import took longer than the limit.
        """
        import_lock.wait(
            db,
            self._actor,
            run_id=self._run_id,
            patience=timeouts.TURN,
            report=self._begin_waiting,
        )
        with self._lock:
            self._waiting = False

    def _begin_waiting(self, sentence: str) -> None:
        with self._lock, transaction_for_system() as db:
            self._waiting = True
            self._save(db, sentence)

    def _save(self, db: Session, sentence: str) -> None:
        if sentence != self._saved:
            queries.change_run_in(db, self._run_id, self._state, doing=sentence)
            self._saved = sentence


def save_progress(run_id: int, step: str, percent: int) -> None:
    """Save the progress of a run, outside its transaction."""
    with transaction_for_system() as db:
        queries.change_run(db, run_id, doing=step, progress=percent)
