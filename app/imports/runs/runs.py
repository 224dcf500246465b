"""Runs over time: handing a big one to the worker, its progress, the history, the error file."""

import csv
import io
import threading
from datetime import date, datetime
from typing import Any

from app.accounts import Actor, actor_by_id, require_own
from app.db import Session, timeouts, transaction_for_system
from app.db.cancellation import stoppable
from app.db.queue import defer
from app.imports import import_lock, upload_store
from app.imports.queries import runs as queries
from app.imports.reading.table import original_rows
from app.imports.results import Run
from app.imports.runs import notifications
from app.imports.runs.fix_hints import suggest
from app.imports.service import commit as carry_out
from app.imports.service import is_known
from app.imports.values import read_options
from app.kit.csv_injection import plain, safe
from app.kit.errors import ConflictError, DonorCrmError, NotFoundError

TASK = "imports"
GONE = "Whoever asked for this may not sign in any more. Nothing was changed."
WAITING = ("queued", "running", "undoing")


def hand_over(db: Session, actor: Actor, *, run_id: int, plan_hash: str) -> None:
    """Queue a previewed run for the worker, in the caller's transaction.

    Raises:
        ConflictError: the run is not a preview any more, or its plan is another.
    """
    require_own(actor)
    run = queries.run(db, actor, run_id, lock=True)
    if run is None or run.user_id != actor.user_id:
        msg = f"There is no import {run_id}."
        raise NotFoundError(msg)
    if run.state != "preview" or run.plan_hash != plan_hash:
        msg = f"Import {run_id} cannot start: it is {run.state}."
        raise ConflictError(msg)
    queries.change_run(db, run_id, state="queued", doing="Waiting for the worker", progress=0)
    defer(db, TASK, {"run_id": run_id}, queueing_lock=f"import:{run_id}")


def run_queued(run_id: int, *, today: date, now: datetime) -> str:
    """Do a queued import in one transaction of its own and return a sentence about it.

    Progress is saved beside it, so that any page sees it, and whoever asked for it is told by
    mail. A refusal ends as the run's error; anything else is raised for the worker to try again,
    and leaves nothing behind.
    """
    with transaction_for_system() as db:
        run = queries.begin(db, run_id)
        if run is None:
            return f"Import {run_id} was not waiting."
        actor = asked_by(db, run.user_id)
        if actor is None:
            queries.end(db, run_id, state="failed", error=GONE, doing=None)
            return f"Import {run_id} was refused: {GONE}"
    told = {"run_id": run_id, "file_name": run.file_name, "now": now}
    watch = Watch(actor, run_id, "running")
    try:
        with transaction_for_system() as db, stoppable(db, when=watch):
            watch.wait_for_turn(db)
            plan = carry_out(
                db, actor, run_id=run_id, plan_hash=run.plan_hash, today=today, now=now,
                report=lambda doing, share: tell(run_id, doing, share),
            )  # fmt: skip
            notifications.tell_done(db, actor, plan=plan, **told)
    except DonorCrmError as error:
        with transaction_for_system() as db:
            if not queries.end(db, run_id, state="failed", error=str(error), doing=None):
                return f"Import {run_id} was cancelled."
            notifications.tell_failed(db, actor, why=str(error), **told)
        return f"Import {run_id} was refused: {error}"
    return f"Import {run_id} is done."


def asked_by(db: Session, user_id: int) -> Actor | None:
    """Return who asked for a waiting run as they are now; None when they may not sign in."""
    try:
        return actor_by_id(db, user_id)
    except NotFoundError:
        return None


class Watch:
    """What goes on beside a run's own transaction: the end of it, and the wait before it."""

    def __init__(self, actor: Actor, run_id: int, state: str) -> None:
        """Watch a run that is in `state` as long as it is wanted."""
        self._actor, self._run_id, self._state = actor, run_id, state
        self._lock, self._waiting, self._saved = threading.Lock(), False, ""

    def __call__(self) -> bool:
        """Whether the run has left its state; while it waits, save anew for whom."""
        with transaction_for_system() as db:
            with self._lock:
                if self._waiting:
                    self._save(db, import_lock.sentence(db, self._actor))
            return queries.state(db, self._run_id) != self._state

    def wait_for_turn(self, db: Session) -> None:
        """Wait until no other import is at work, in the run's own transaction.

        Raises:
            TookTooLongError: the other took longer than anybody waits.
        """
        import_lock.wait(
            db, self._actor, run_id=self._run_id, patience=timeouts.TURN, say=self._begin_waiting
        )
        with self._lock:
            self._waiting = False

    def _begin_waiting(self, sentence: str) -> None:
        with self._lock, transaction_for_system() as db:
            self._waiting = True
            self._save(db, sentence)

    def _save(self, db: Session, sentence: str) -> None:
        if sentence != self._saved:
            queries.turn(db, self._run_id, self._state, doing=sentence)
            self._saved = sentence


def tell(run_id: int, doing: str, share: int) -> None:
    """Save how far a run is, beside its transaction."""
    with transaction_for_system() as db:
        queries.change_run(db, run_id, doing=doing, progress=share)


def history(db: Session, actor: Actor, *, limit: int = 30, before: int | None = None) -> list[Run]:
    """Return the newest imports this person may see, newest first; `before` is a run's number."""
    return [_run(row) for row in queries.runs(db, actor, limit=limit, before=before)]


def get(db: Session, actor: Actor, *, run_id: int) -> Run:
    """Return one run with its progress.

    Raises:
        NotFoundError: there is none in sight.
    """
    row = queries.run(db, actor, run_id)
    if row is None:
        msg = f"There is no import {run_id}."
        raise NotFoundError(msg)
    return _run(row)


def problems(db: Session, actor: Actor, *, run_id: int) -> list[dict[str, Any]]:
    """Return a run's problems: row, field, reason, action."""
    row = queries.run(db, actor, run_id)
    return list(row.problems) if row is not None else []


def error_file(db: Session, actor: Actor, *, run_id: int) -> bytes:
    """Return the rows that were not imported as CSV, as they were, with reason and suggestion.

    Mended and uploaded alone, they finish the job.

    Raises:
        NotFoundError: there is no such run, or its file is gone.
    """
    row = queries.run(db, actor, run_id)
    if row is None:
        msg = f"There is no import {run_id}."
        raise NotFoundError(msg)
    reasons: dict[int, list[dict[str, Any]]] = {}
    for problem in row.problems:
        reasons.setdefault(problem["row"], []).append(problem)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns, rows = original_rows(
        upload_store.load(row.file_sha256), set(reasons), known=is_known,
        said=read_options.checked(row.options.get("reading")),
    )  # fmt: skip
    writer.writerow([safe(plain(name)) for name in (*columns, "Problem", "Suggestion")])
    for number, cells in rows:
        square = [*cells, *[""] * (len(columns) - len(cells))]
        said = "; ".join(f"{each['field']}: {each['reason']}" for each in reasons[number])
        hint = "; ".join(dict.fromkeys(suggest(each["reason"]) for each in reasons[number]))
        # a file of ours has its own guards
        shown = [plain(cell) for cell in square[: len(columns)]]
        writer.writerow([safe(cell) for cell in (*shown, said, hint)])
    return out.getvalue().encode("utf-8-sig")


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        file_name=row.file_name,
        preset=row.preset,
        kind=row.kind,
        state=row.state,
        counts=dict(row.counts),
        person=row.person,
        user_id=row.user_id,
        created_at=row.created_at,
        committed_at=row.committed_at,
        undone_at=row.undone_at,
        progress=row.progress,
        progress_of=row.progress_of,
        doing=row.doing,
        error=row.error,
        cancelled_at=row.cancelled_at,
        canceller=row.canceller,
        kept_rows=row.kept.get("rows", 0),
        kept=tuple(row.kept.get("said", ())),
        has_file=upload_store.is_kept(row.file_sha256),
    )
