"""Several files as one import: written in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from app.accounts import Actor, require
from app.db import Session
from app.db.queue import defer
from app.imports import execution, import_lock, pipeline
from app.imports import timeouts as import_timeouts
from app.imports.execution import StagedImport
from app.imports.inspection import IMPORTERS
from app.imports.pipeline import Report, known_run
from app.imports.planning.plan import Plan
from app.imports.queries import new_records
from app.imports.queries.runs import batches as batch_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.runs.runs import TASK
from app.imports.service import PlanChangedError, check_committable, stage_again
from app.kit.errors import ConflictError, NotFoundError


def commit_together(
    db: Session,
    actor: Actor,
    *,
    batch_id: int,
    plan_hashes: Sequence[str],
    today: date,
    now: datetime,
    report: Report | None = None,
) -> tuple[Plan, ...]:
    """Execute the previewed plans of a batch exactly and in order; if any fails, none is written.

    Raises:
        PlanChangedError: the data changed since the preview; preview again.
        ConflictError: the batch is already committed, cancelled or undone.
        TookTooLongError: a statement, or another import waited for, took too long.
    """
    require(actor, *IMPORTERS)
    import_lock.wait(db, actor, run_id=batch_id)
    runs = batch_runs(db, actor, batch_id)
    for run in runs:
        check_committable(actor, run)
    if len(runs) != len(plan_hashes):
        raise PlanChangedError
    plans = []
    with import_timeouts.writing(db), db.begin_nested():
        new_records.prepare(db)
        for place, (run, plan_hash) in enumerate(zip(runs, plan_hashes, strict=True), 1):
            part = part_of(report, run.file_name, place=place, places=len(runs))
            part("Reading the file", 5)
            staged = stage_again(db, actor, run, plan_hash=plan_hash, today=today, in_batch=True)
            write(db, actor, staged, run=run, now=now, report=part)
            plans.append(staged.plan)
        # last: the row of an ended run is locked, which would block cancellation and progress
        for run, plan in zip(runs, plans, strict=True):
            execution.finish(db, actor, plan, run_id=run.id, now=now)
    return tuple(plans)


def part_of(report: Report | None, name: str, *, place: int, places: int) -> Report:
    """Return a report of one file's progress, as a part of the progress of all `places` files."""

    def part(step: str, percent: int) -> None:
        if report is not None:
            doing = step if places == 1 else f"{name}: {step}"
            report(doing, (100 * (place - 1) + percent) // places)

    return part


def write(
    db: Session,
    actor: Actor,
    staged: StagedImport,
    *,
    run: StoredRun,
    now: datetime,
    report: Report = lambda _doing, _percent: None,
) -> None:
    """Write one file, and store the keys of what it added for the files after it."""
    pipeline.carry_out(
        db,
        actor,
        staged,
        run_id=run.id,
        now=now,
        report=report,
        # the files after it are joined with its rows
        analyse_above=1_000,
    )
    kinds = [part.kind for part in staged.plan.parts]
    new_records.store(db, kinds, file_sha256=run.file_sha256, run_id=run.id)


def batch_runs(
    db: Session, actor: Actor, batch_id: int, *, lock: bool = False
) -> tuple[StoredRun, ...]:
    """Return the runs of a batch that the actor may see, in the order in which they are written.

    Raises:
        NotFoundError: there is none.
    """
    run_ids = batch_queries.members(db, batch_id)
    if not run_ids:
        msg = f"There is no import {batch_id}."
        raise NotFoundError(msg)
    return tuple(known_run(db, actor, run_id, lock=lock) for run_id in run_ids)


def queue_together(
    db: Session, actor: Actor, *, batch_id: int, plan_hashes: Sequence[str]
) -> None:
    """Queue the previewed runs of a batch for the worker, in the caller's transaction.

    Raises:
        NotFoundError: there is no such batch of the actor's.
        ConflictError: a run is no longer a preview, or its plan has changed.
    """
    require(actor, *IMPORTERS)
    runs = batch_runs(db, actor, batch_id, lock=True)
    if any(run.user_id != actor.user_id for run in runs):
        msg = f"There is no import {batch_id}."
        raise NotFoundError(msg)
    planned = [run.plan_hash for run in runs] == list(plan_hashes)
    if not planned or any(run.state != "preview" for run in runs):
        msg = f"Import {batch_id} cannot start: it is {runs[0].state}."
        raise ConflictError(msg)
    for run in runs:
        queries.change_run(db, run.id, state="queued", doing="Waiting for the worker", progress=0)
    defer(db, TASK, {"run_id": batch_id}, queueing_lock=f"import:{batch_id}")
