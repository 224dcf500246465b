"""Public operations on a file to import: preview, commit, discard."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from app import donors
from app.accounts import Actor, Role, organisation, require, require_own
from app.db import Session
from app.db.instance_id import current_instance_id
from app.file_reader import presets
from app.imports import (
    execution,
    import_lock,
    inspection,
    planner,
    saved_mappings,
    upload_store,
)
from app.imports import timeouts as import_timeouts
from app.imports.diff import changes
from app.imports.execution import StagedImport
from app.imports.inspection import IMPORTERS
from app.imports.mapping import columns as maps
from app.imports.mapping.gift_statuses import apply_statuses
from app.imports.mapping.mapped_file import MappedFile, map_columns
from app.imports.mapping.sources import source_name
from app.imports.mapping.template_examples import leave_out_examples
from app.imports.mapping.unknown_values import apply_meanings
from app.imports.parsing.options import Options
from app.imports.planning import plan as plans
from app.imports.planning import update_policy
from app.imports.planning.plan import Plan
from app.imports.planning.problem_cells import with_cells
from app.imports.queries import known_ids as known_id_queries
from app.imports.queries import saved_mappings as mapping_queries
from app.imports.queries.donors import ambiguous_donors as ambiguous_donor_queries
from app.imports.queries.runs import before_images as before_image_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.request import ImportRequest, stored_request
from app.imports.results import Preview
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.formatting import count

# runs with more rows are queued for the worker
BIG_IMPORT_ROWS = 20_000
# called with the current step and the progress in percent
Report = Callable[[str, int], None]


class PlanChangedError(ConflictError):
    """The data changed between preview and commit: the new plan must be reviewed first."""


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
    owner_id = _owner(db, actor, request.owner)
    staged = _stage(db, actor, request, owner_id=owner_id, today=today)
    _save_draft(db, actor, staged.source, request)
    return _save_run(db, actor, staged, request, owner_id=owner_id), staged


def _save_draft(db: Session, actor: Actor, mapped: MappedFile, request: ImportRequest) -> None:
    """Save the user's choices until the file is imported, for the next file with these headers."""
    if request.mapping or mapped.words:
        mapping_queries.save_draft(
            db,
            actor,
            key=maps.header_key(mapped.headers),
            kind=mapped.kind,
            mapping=request.mapping or {},
            words=mapped.words,
        )


def _save_run(
    db: Session,
    actor: Actor,
    staged: StagedImport,
    request: ImportRequest,
    *,
    owner_id: int | None,
) -> Preview:
    """Save the plan as a run and return its preview."""
    plan, mapped = staged.plan, staged.source
    run_id = queries.add_run(
        db,
        user_id=actor.user_id,
        file_name=request.file_name,
        file_sha256=upload_store.save(request.data),
        file_path=None,
        preset=mapped.preset,
        kind=mapped.kind,
        options=request.as_json() | {"owner_id": owner_id},
        counts=plans.counts_json(plan),
        problems=plans.stored_problems(plan),
        plan_hash=plan.plan_hash,
        progress_of=100,
    )
    return Preview(
        run_id,
        mapped.title,
        request.file_name,
        plan,
        changes(db, plan),
        mapped.unknown,
        ambiguous_donor_queries.questions(db) if plan.parts[0].kind == "donors" else (),
        update_policy.default_policies(mapped),
    )


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
        ConflictError: the run is already committed, cancelled or undone.
        TookTooLongError: a statement, or another import waited for, took too long.
    """
    require(actor, *IMPORTERS)
    report = report or (lambda _doing, _percent: None)
    import_lock.wait(db, actor, run_id=run_id)
    run = known_run(db, actor, run_id)
    if run.user_id != actor.user_id:
        msg = "Only the person who uploaded the file can import it."
        raise NotAllowedError(msg)
    if run.state not in {"preview", "queued", "running"}:
        msg = f"This import is {run.state} already."
        raise ConflictError(msg)
    with import_timeouts.writing(db):
        report("Reading the file", 5)
        data = upload_store.load(run.file_sha256)
        request = stored_request(run.file_name, data, run.options)
        owner_id = run.options["owner_id"]
        staged = _stage(db, actor, request, owner_id=owner_id, today=today)
        if staged.plan.plan_hash != plan_hash:
            msg = "The data changed since you looked. Look at the new plan, then import."
            raise PlanChangedError(msg)
        _carry_out(db, actor, staged, run_id=run_id, now=now, report=report)
    return staged.plan


def import_file(
    db: Session, actor: Actor, request: ImportRequest, *, today: date, now: datetime
) -> Preview:
    """Preview and commit in one step, staging once: for the command line."""
    require_own(actor)
    import_lock.wait(db, actor, run_id=None)
    with import_timeouts.writing(db):
        planned, staged = _preview(db, actor, request, today=today)
        _carry_out(
            db, actor, staged, run_id=planned.run_id, now=now, report=lambda _doing, _percent: None
        )
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


def known_run(db: Session, actor: Actor, run_id: int, *, lock: bool = False) -> StoredRun:
    """Return a run that the actor may see; `lock` keeps it from being changed meanwhile.

    Raises:
        NotFoundError: there is none.
    """
    run = queries.run(db, actor, run_id, lock=lock)
    if run is None:
        msg = f"There is no import {run_id}."
        raise NotFoundError(msg)
    return run


def _owner(db: Session, actor: Actor, email: str | None) -> int | None:
    """Return the owner of new donors: an administrator's choice (or none), else the actor."""
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        if email and email.strip().lower() != actor.email.lower():
            msg = "Only an administrator can give donors to somebody else."
            raise NotAllowedError(msg)
        return actor.user_id
    if not email:
        return None
    owner_id = queries.owner_named(db, email)
    if owner_id is None:
        msg = f"No active account has the e-mail {email}."
        raise InvalidError(msg)
    return owner_id


def _stage(
    db: Session, actor: Actor, request: ImportRequest, *, owner_id: int | None, today: date
) -> StagedImport:
    """Read the file, map its columns and stage the plan of its rows."""
    require(actor, *IMPORTERS)
    table = request.table
    if table is None:
        table = inspection.read_file(actor, data=request.data, reading=request.reading)
    mapped = map_columns(
        table,
        preset=request.preset,
        kind=request.kind,
        mapping=request.mapping,
        source=request.source,
    )
    mapped = apply_statuses(apply_meanings(leave_out_examples(mapped), request.words))
    if actor.role == Role.FINANCE and (mapped.kind != "gifts" or mapped.mixed):
        msg = "Finance imports gifts of known donors. Ask an administrator for the rest."
        raise NotAllowedError(msg)
    options = Options(
        today=today,
        currency=organisation(db).currency,
        time_zone=organisation(db).time_zone,
        instance_id=current_instance_id(db),
        date_order=request.date_order,
        decimal=request.decimal,
        repeats=request.repeats,
        file_currency=request.currency,
        fund=request.fund,
        method=request.method,
        source=request.source,
        owner_id=owner_id,
        people=request.people,
        policies=request.policies,
    )
    file_sha256 = upload_store.digest(request.data)
    plan = planner.make_plan(db, actor, mapped, options, file_sha256=file_sha256)
    return StagedImport(with_cells(plan, table), mapped, options)


def _carry_out(
    db: Session, actor: Actor, staged: StagedImport, *, run_id: int, now: datetime, report: Report
) -> None:
    """Write the staged plan, match its gifts to pledges, and end the run."""
    rows = staged.plan.main.rows
    report(f"Writing {count(rows, 'row')}", 30)
    execution.write(db, staged, run_id=run_id, analyse=rows > BIG_IMPORT_ROWS)
    if staged.source.kind == "gifts":
        report("Matching gifts to pledges", 80)
        execution.match_gifts(db, run_id=run_id, today=staged.options.today, now=now)
    report("Finishing", 95)
    execution.follow_pledges(db, run_id=run_id, today=staged.options.today)
    donor_ids = before_image_queries.changed_contact_preferences(db, run_id=run_id)
    donors.changed.send(db, donor_ids, staged.options.today)
    saved_mappings.remember(db, actor, staged.source, known_run(db, actor, run_id))
    execution.finish(db, actor, staged.plan, run_id=run_id, now=now)
