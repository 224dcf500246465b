"""Import runs: queueing for the worker, history, error file."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from app.accounts import Actor, require_own
from app.db import Session
from app.db.queue import defer
from app.file_reader import read_options
from app.file_reader.table import original_rows
from app.imports import disk_uploads, upload_store
from app.imports.pipeline import known_run
from app.imports.queries.runs import batches as batch_queries
from app.imports.queries.runs import imported_funds as fund_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import ListedRun
from app.imports.results import ImportFunds, Run
from app.imports.service import is_known
from app.imports.values.problems import RowProblem, from_storage
from app.kit.errors import ConflictError, NotFoundError
from app.kit.security.csv_injection import plain, safe

TASK = "imports"
WAITING = ("queued", "running", "undoing")


def queue_import(db: Session, actor: Actor, *, run_id: int, plan_hash: str) -> None:
    """Queue a previewed run for the worker, in the caller's transaction.

    Raises:
        ConflictError: the run is no longer a preview, or its plan has changed.
    """
    require_own(actor)
    run = queries.run(db, actor, run_id, lock=True)
    if run is None or run.user_id != actor.user_id:
        msg = f"There is no import {run_id}."
        raise NotFoundError(msg)
    if run.state != "preview" or run.plan_hash != plan_hash or run.batch_id is not None:
        msg = f"Import {run_id} cannot start: it is {run.state}."
        raise ConflictError(msg)
    queries.change_run(db, run_id, state="queued", doing="Waiting for the worker", progress=0)
    defer(db, TASK, {"run_id": run_id}, queueing_lock=f"import:{run_id}")


def history(db: Session, actor: Actor, *, limit: int = 30, before: int | None = None) -> list[Run]:
    """Return the newest imports the actor may see, newest first, older than the id `before`."""
    return [_as_run(row) for row in queries.runs(db, actor, limit=limit, before=before)]


def get(db: Session, actor: Actor, *, run_id: int) -> Run:
    """Return one run with its progress.

    Raises:
        NotFoundError: there is none that the actor may see.
    """
    return _as_run(known_run(db, actor, run_id))


def funds(db: Session, actor: Actor, *, run_ids: Sequence[int]) -> dict[int, ImportFunds]:
    """Return the funds that imports created or changed, by run; runs without any are left out."""
    names: dict[int, dict[bool, list[str]]] = {}
    for run_id, is_new, name in fund_queries.funds_of_runs(db, actor, run_ids):
        names.setdefault(run_id, {}).setdefault(is_new, []).append(name)
    return {
        run_id: ImportFunds(tuple(of_run.get(True, ())), tuple(of_run.get(False, ())))
        for run_id, of_run in names.items()
    }


def batch(db: Session, actor: Actor, *, run_id: int) -> tuple[Run, ...]:
    """Return the runs that were imported together with a run, it among them, in their order.

    Raises:
        NotFoundError: there is none that the actor may see.
    """
    run = known_run(db, actor, run_id)
    if run.batch_id is None:
        return (_as_run(run),)
    run_ids = batch_queries.members(db, run.batch_id)
    return tuple(_as_run(known_run(db, actor, each)) for each in run_ids)


def problems(db: Session, actor: Actor, *, run_id: int) -> list[dict[str, Any]]:
    """Return a run's problems: row, field, cell, reason, action."""
    return [each.shown() for each in _stored(db, actor, run_id) if not each.is_note]


def notes(db: Session, actor: Actor, *, run_id: int) -> list[dict[str, Any]]:
    """Return a run's notes about imported rows: row, field, cell, reason, action."""
    return [each.shown() for each in _stored(db, actor, run_id) if each.is_note]


def _stored(db: Session, actor: Actor, run_id: int) -> list[RowProblem]:
    run = queries.run(db, actor, run_id)
    return [from_storage(each) for each in run.problems] if run is not None else []


def error_file(db: Session, actor: Actor, *, run_id: int) -> bytes:
    """Return the rows that were not imported as CSV, unchanged, with reason and suggestion.

    Corrected and uploaded alone, they complete the import. The notes about these rows are
    included; rows with nothing but notes are not, as they are imported already.

    Raises:
        NotFoundError: there is no such run, or its file is no longer stored.
    """
    run = known_run(db, actor, run_id)
    problems_of: dict[int, list[RowProblem]] = {}
    for problem in map(from_storage, run.problems):
        problems_of.setdefault(problem.row, []).append(problem)
    problems_of = {
        row: listed
        for row, listed in problems_of.items()
        if not all(problem.is_note for problem in listed)
    }
    columns, rows = original_rows(
        upload_store.load(db, user_id=run.user_id, name=run.file_sha256),
        set(problems_of),
        is_header=is_known,
        options=read_options.checked(run.options.get("reading")),
    )
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([safe(plain(name)) for name in (*columns, "Problem", "Suggestion")])
    for number, cells in rows:
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        # cells of our own exports are escaped already: unescape them before they are escaped again
        unescaped = [plain(cell) for cell in padded[: len(columns)]]
        notes = _problem_cells(problems_of[number])
        writer.writerow([safe(cell) for cell in (*unescaped, *notes)])
    return file.getvalue().encode("utf-8-sig")


def _problem_cells(problems: list[RowProblem]) -> tuple[str, str]:
    """Return the problems of a row and the suggestions to correct it, each as one cell."""
    reasons = "; ".join(f"{problem.field}: {problem.reason}" for problem in problems)
    hints = dict.fromkeys(problem.hint for problem in problems)
    return reasons, "; ".join(hints)


def _as_run(row: ListedRun) -> Run:
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
        has_file=row.has_file or disk_uploads.exists(row.file_sha256),
        batch_id=row.batch_id,
    )
