"""Public operations on a file to import: preview, commit, discard."""

from collections.abc import Sequence
from datetime import date, datetime

from app.accounts import Actor, Role, require, require_own
from app.db import Session
from app.file_reader import presets
from app.imports import execution, import_lock, pipeline, upload_store
from app.imports import timeouts as import_timeouts
from app.imports.execution import StagedImport
from app.imports.inspection import IMPORTERS
from app.imports.mapping.sources import source_name
from app.imports.pipeline import Report, known_run
from app.imports.planning.plan import Plan
from app.imports.queries import known_ids as known_id_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.request import ImportRequest, stored_request
from app.imports.results import Preview
from app.kit.errors import ConflictError, NotAllowedError


class PlanChangedError(ConflictError):
    """The data changed between preview and commit: the new plan must be reviewed first."""

    def __init__(self) -> None:
        super().__init__("The data changed since you looked. Look at the new plan, then import.")


def preview(db: Session, actor: Actor, request: ImportRequest, *, today: date) -> Preview:
    """Plan what a file would do and store the plan as a run; nothing else is changed.

    Raises:
        InvalidError: the file cannot be read, or lacks a column.
        UndecidedError: the user must choose the encoding, the date order or the decimal mark.
        TookTooLongError: a statement exceeded the time limit of planning.
    """
    with import_timeouts.planning(db):
        return _preview(db, actor, request, today=today)[0]


def _preview(
    db: Session, actor: Actor, request: ImportRequest, *, today: date
) -> tuple[Preview, StagedImport]:
    """Stage the plan of a file and save it as a run."""
    require(actor, *IMPORTERS)
    owner_id = pipeline.new_owner(db, actor, request.owner)
    mapped = pipeline.map_file(actor, request)
    staged = pipeline.stage(db, actor, mapped, request, owner_id=owner_id, today=today)
    planned = pipeline.describe(db, staged, request.file_name)
    return pipeline.save(db, actor, staged, request, planned), staged


def commit(
    db: Session,
    actor: Actor,
    *,
    run_id: int,
    plan_hash: str,
    today: date,
    now: datetime,
    report: Report | None = None,
) -> Plan:
    """Execute the previewed plan exactly, in the caller's transaction.

    Raises:
        PlanChangedError: the data changed since the preview; preview again.
        ConflictError: the run is already committed, cancelled or undone, or one of a batch.
        TookTooLongError: a statement, or another import waited for, took too long.
    """
    require(actor, *IMPORTERS)
    report = report or (lambda _doing, _percent: None)
    import_lock.wait(db, actor, run_id=run_id)
    run = known_run(db, actor, run_id)
    check_committable(actor, run)
    if run.batch_id is not None:
        msg = "This file is imported together with others. Import them together."
        raise ConflictError(msg)
    with import_timeouts.writing(db):
        report("Reading the file", 5)
        staged = stage_again(db, actor, run, plan_hash=plan_hash, today=today)
        pipeline.carry_out(db, actor, staged, run_id=run_id, now=now, report=report)
        execution.finish(db, actor, staged.plan, run_id=run_id, now=now)
    return staged.plan


def check_committable(actor: Actor, run: StoredRun) -> None:
    """Refuse a run that the actor did not plan, or that has ended.

    Raises:
        NotAllowedError: another user uploaded the file.
        ConflictError: the run is already committed, cancelled or undone.
    """
    if run.user_id != actor.user_id:
        msg = "Only the person who uploaded the file can import it."
        raise NotAllowedError(msg)
    if run.state not in {"preview", "queued", "running"}:
        msg = f"This import is {run.state} already."
        raise ConflictError(msg)


def stage_again(
    db: Session,
    actor: Actor,
    run: StoredRun,
    *,
    plan_hash: str,
    today: date,
    in_batch: bool = False,
) -> StagedImport:
    """Stage the plan of a stored run again, which must be the one that the user has seen.

    Raises:
        PlanChangedError: it is not.
    """
    data = upload_store.load(db, user_id=run.user_id, name=run.file_sha256)
    request = stored_request(run.file_name, data, run.options)
    staged = pipeline.stage(
        db,
        actor,
        pipeline.map_file(actor, request),
        request,
        owner_id=run.options["owner_id"],
        today=today,
        in_batch=in_batch,
    )
    if staged.plan.plan_hash != plan_hash:
        raise PlanChangedError
    return staged


def import_file(
    db: Session, actor: Actor, request: ImportRequest, *, today: date, now: datetime
) -> Preview:
    """Preview and commit in one step, staging once: for the command line."""
    require_own(actor)
    import_lock.wait(db, actor, run_id=None)
    with import_timeouts.writing(db):
        planned, staged = _preview(db, actor, request, today=today)
        pipeline.carry_out(
            db, actor, staged, run_id=planned.run_id, now=now, report=lambda _doing, _percent: None
        )
        execution.finish(db, actor, staged.plan, run_id=planned.run_id, now=now)
    return planned


def discard(db: Session, actor: Actor, *, run_id: int) -> None:
    """Cancel a preview that will not be imported."""
    require_own(actor)
    run = known_run(db, actor, run_id)
    if run.state == "preview":
        queries.change_run(db, run_id, state="cancelled")


def formats() -> list[str]:
    """Return the titles of the recognised formats, sorted."""
    return sorted((preset.title for preset in presets.ALL), key=str.lower)


def is_known(row: Sequence[str]) -> bool:
    """Return whether a row is the header of a file that a preset recognises."""
    return presets.recognise(row) is not None


def owners(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return the users to whom an administrator may assign new donors, as (e-mail, name)."""
    require(actor, Role.ADMIN)
    return queries.owners(db)


def id_sources(db: Session, actor: Actor) -> list[str]:
    """Return the systems whose ids the actor's donors have, by name."""
    require(actor, *IMPORTERS)
    return sorted(known_id_queries.sources(db, actor), key=lambda each: source_name(each).lower())
