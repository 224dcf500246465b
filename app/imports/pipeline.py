"""Steps of an import: map a file, stage its plan, save it as a run, carry it out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from app import donors
from app.accounts import Actor, Role, organisation, require
from app.db import Session
from app.db.instance_id import current_instance_id
from app.imports import execution, inspection, planner, saved_mappings, upload_store
from app.imports.diff import changes
from app.imports.execution import StagedImport
from app.imports.inspection import IMPORTERS
from app.imports.mapping import columns as maps
from app.imports.mapping.custom_columns import with_custom_columns
from app.imports.mapping.gift_statuses import apply_statuses
from app.imports.mapping.mapped_file import MappedFile, map_columns
from app.imports.mapping.template_examples import leave_out_examples
from app.imports.mapping.unknown_values import apply_meanings
from app.imports.parsing.options import Options
from app.imports.planning import plan as plans
from app.imports.planning import update_policy
from app.imports.planning.problem_cells import with_cells
from app.imports.queries import saved_mappings as mapping_queries
from app.imports.queries.donors import ambiguous_donors as ambiguous_donor_queries
from app.imports.queries.runs import before_images as before_image_queries
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.request import ImportRequest
from app.imports.results import Preview
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from app.kit.formatting import count

# runs with more rows are queued for the worker
BIG_IMPORT_ROWS = 20_000
# called with the current step and the progress in percent
Report = Callable[[str, int], None]


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


def new_owner(db: Session, actor: Actor, email: str | None) -> int | None:
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


def map_file(actor: Actor, request: ImportRequest) -> MappedFile:
    """Read the file and map its columns and values to fields.

    Raises:
        InvalidError: the file cannot be read, or lacks a column.
        UndecidedError: the user must choose the encoding, or what a row is.
        NotAllowedError: the actor's role imports no such file.
    """
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
    if actor.role == Role.FINANCE:
        _require_known_donors(mapped)
    return mapped


def _require_known_donors(mapped: MappedFile) -> None:
    """Check that a file adds no donors, which finance may not do.

    Raises:
        NotAllowedError: it may add some.
    """
    if mapped.kind not in {"gifts", "soft-credits"}:
        msg = "Finance imports gifts of known donors and soft credits. Ask an administrator for "
        msg += "the rest."
        raise NotAllowedError(msg)
    if mapped.mixed:
        columns = mapped.people
        names = [name for name in ("name", "first_name", "last_name") if name in columns]
        headers = ", ".join(f"“{mapped.table.columns[columns[name]]}”" for name in names)
        msg = (
            "Finance imports gifts of known donors, who are found by their id or e-mail. Leave "
            f"out the columns of names ({headers}), or ask an administrator to import this file."
        )
        raise NotAllowedError(msg)


def stage(
    db: Session,
    actor: Actor,
    mapped: MappedFile,
    request: ImportRequest,
    *,
    owner_id: int | None,
    today: date,
    in_batch: bool = False,
) -> StagedImport:
    """Stage the plan of a mapped file's rows; `in_batch`: after other files of its batch.

    Raises:
        UndecidedError: the user must choose the date order or the decimal mark.
    """
    fields = tuple(donors.held_custom_fields(db))
    mapped = mapped if request.mapping else with_custom_columns(mapped, fields)
    facts = organisation(db)
    options = Options(
        today=today,
        custom_fields=fields,
        currency=facts.currency,
        time_zone=facts.time_zone,
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
        in_batch=in_batch,
    )
    digest = upload_store.digest(request.data)
    plan = planner.make_plan(db, actor, mapped, options, file_sha256=digest)
    return StagedImport(with_cells(plan, mapped.table), mapped, options)


def describe(db: Session, staged: StagedImport, file_name: str) -> Preview:
    """Return the preview of the plan staged in this transaction, which is not saved yet."""
    plan, mapped = staged.plan, staged.source
    return Preview(
        0,
        mapped.title,
        file_name,
        plan,
        changes(db, plan),
        mapped.unknown,
        ambiguous_donor_queries.questions(db) if plan.parts[0].kind == "donors" else (),
        update_policy.default_policies(mapped),
    )


def save(
    db: Session,
    actor: Actor,
    staged: StagedImport,
    request: ImportRequest,
    preview: Preview,
    *,
    batch_id: int | None = None,
) -> Preview:
    """Save the user's choices until the import, and the plan as a run; return it with its id."""
    plan, mapped = staged.plan, staged.source
    if request.mapping or mapped.words:
        mapping_queries.save_draft(
            db,
            actor,
            key=maps.header_key(mapped.headers),
            kind=mapped.kind,
            mapping=request.mapping or {},
            words=mapped.words,
        )
    run_id = queries.add_run(
        db,
        user_id=actor.user_id,
        batch_id=batch_id,
        file_name=request.file_name,
        file_sha256=upload_store.save(db, user_id=actor.user_id, data=request.data),
        file_path=None,
        preset=mapped.preset,
        kind=mapped.kind,
        options=request.as_json() | {"owner_id": staged.options.owner_id},
        counts=plans.counts_json(plan),
        problems=plans.stored_problems(plan),
        plan_hash=plan.plan_hash,
        progress_of=100,
    )
    return replace(preview, run_id=run_id)


def carry_out(
    db: Session,
    actor: Actor,
    staged: StagedImport,
    *,
    run_id: int,
    now: datetime,
    report: Report,
    analyse_above: int | None = None,
) -> None:
    """Write the staged plan and match its gifts to pledges; `execution.finish` ends the run.

    The statistics of the tables are refreshed if the file has more rows than `analyse_above`;
    None: if it is a big one.
    """
    rows = staged.plan.main.rows
    report(f"Writing {count(rows, 'row')}", 30)
    many = BIG_IMPORT_ROWS if analyse_above is None else analyse_above
    execution.write(db, staged, run_id=run_id, analyse=rows > many)
    if staged.source.kind == "gifts":
        report("Matching gifts to pledges", 80)
        execution.match_gifts(db, run_id=run_id, today=staged.options.today, now=now)
    report("Finishing", 95)
    execution.follow_pledges(db, run_id=run_id, today=staged.options.today)
    donor_ids = before_image_queries.changed_contact_preferences(db, run_id=run_id)
    donors.changed.send(db, donor_ids, staged.options.today)
    saved_mappings.remember(db, actor, staged.source, known_run(db, actor, run_id))
    execution.seal(db, run_id=run_id)
