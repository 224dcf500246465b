"""Public operations on a file to import: preview, commit, discard."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app import donors
from app.accounts import Actor, Role, organisation, require, require_own
from app.db import Session
from app.db.instance_id import own_key
from app.file_reader import presets, read_options
from app.file_reader.table import Table
from app.imports import execution, import_lock, inspection, planner, upload_store
from app.imports import timeouts as import_timeouts
from app.imports.diff import changes
from app.imports.execution import Staged
from app.imports.inspection import IMPORTERS
from app.imports.mapping import columns as maps
from app.imports.mapping.mapped_file import Source, open_table, place
from app.imports.mapping.unknown_values import meaning
from app.imports.parsing.options import Options, Request, check
from app.imports.planning import ambiguous_donors, update_policy
from app.imports.planning import plan as plans
from app.imports.planning.plan import Plan
from app.imports.queries import ambiguous_donors as ambiguous_donor_queries
from app.imports.queries import before_images as before_image_queries
from app.imports.queries import runs as queries
from app.imports.results import Preview
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.formatting import count

# runs with more rows are queued for the worker
BIG = 20_000
Report = Callable[[str, int], None]


class PlanChangedError(ConflictError):
    """The data changed between preview and commit: the new plan must be reviewed first."""


def preview(db: Session, actor: Actor, *, today: date, **how: Any) -> Preview:
    """Plan what a file would do and store the plan as a run; nothing else is changed.

    Required: file_name, data (bytes). Optional: preset, kind, mapping (header → field),
    date_order (ymd, mdy, dmy), decimal (point, comma), owner (e-mail, for administrators),
    repeats (identical rows count as separate gifts), source (names the system that the ids come
    from), table (what `read_file` returned for the file).

    Raises:
        InvalidError: the file cannot be read, or lacks a column.
        UndecidedError: the user must choose the date order or the decimal mark.
        TookTooLongError: a statement exceeded the time limit of planning.
    """
    with import_timeouts.planning(db):
        return _staged(db, actor, Request(**how), today=today)[0]


def _staged(db: Session, actor: Actor, request: Request, *, today: date) -> tuple[Preview, Staged]:
    check(request)
    asked = {
        "preset": request.preset,
        "kind": request.kind,
        "mapping": dict(request.mapping) if request.mapping else None,
        "date_order": request.date_order,
        "decimal": request.decimal,
        "repeats": request.repeats,
        "source": request.source,
        "words": request.words,
        "people": ambiguous_donors.checked(request.people),
        "policies": update_policy.checked(request.policies),
        "reading": read_options.checked(request.reading).as_json(),
        "owner_id": _owner(db, actor, request.owner),
    }
    staged = _plan(db, actor, request.data, asked, today=today, table=request.table)
    _save_mapping(db, actor, staged.source, asked, file_name=request.file_name)
    seen = _save_run(db, actor, staged, asked, data=request.data, file_name=request.file_name)
    return seen, staged


def _save_mapping(
    db: Session, actor: Actor, made: Source, asked: Mapping[str, Any], *, file_name: str
) -> None:
    """Save the user's mapping for the next file with these headers."""
    if asked["mapping"] or made.words:
        queries.save_mapping(
            db,
            actor,
            key=maps.header_key(made.headers),
            kind=made.kind,
            name=file_name,
            mapping=asked["mapping"] or {},
            words=made.words,
        )


def _save_run(
    db: Session,
    actor: Actor,
    staged: Staged,
    asked: Mapping[str, Any],
    *,
    data: bytes,
    file_name: str,
) -> Preview:
    """Save the plan as a run and return its preview."""
    plan, made = staged.plan, staged.source
    shown = plans.as_json(plan)
    problems = shown.pop("problems")
    run_id = queries.add_run(
        db,
        user_id=actor.user_id,
        file_name=file_name,
        file_sha256=upload_store.keep(data),
        file_path=None,
        preset=made.preset,
        kind=made.kind,
        options=asked,
        counts=shown,
        problems=problems,
        plan_hash=plan.plan_hash,
        progress_of=100,
    )
    rows = changes(db, plan)
    people = ambiguous_donor_queries.questions(db) if plan.parts[0].kind == "donors" else ()
    return Preview(
        run_id, made.title, file_name, plan, rows, made.unknown, people, update_policy.usual(made)
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
    say = report or (lambda _doing, _share: None)
    import_lock.wait(db, actor, run_id=run_id)
    run = known_run(db, actor, run_id)
    if run.user_id != actor.user_id:
        msg = "Only the person who uploaded the file can import it."
        raise NotAllowedError(msg)
    if run.state not in {"preview", "queued", "running"}:
        msg = f"This import is {run.state} already."
        raise ConflictError(msg)
    with import_timeouts.writing(db):
        say("Reading the file", 5)
        data = upload_store.load(run.file_sha256)
        staged = _plan(db, actor, data, run.options, today=today)
        if staged.plan.plan_hash != plan_hash:
            msg = "The data changed since you looked. Look at the new plan, then import."
            raise PlanChangedError(msg)
        _carry_out(db, actor, staged, run_id=run_id, now=now, say=say)
    return staged.plan


def bring_in(db: Session, actor: Actor, *, today: date, now: datetime, **how: Any) -> Preview:
    """Preview and commit in one step, staging once: for the command line.

    Takes the arguments of `preview`.
    """
    require_own(actor)
    import_lock.wait(db, actor, run_id=None)
    with import_timeouts.writing(db):
        seen, staged = _staged(db, actor, Request(**how), today=today)
        _carry_out(db, actor, staged, run_id=seen.run_id, now=now, say=lambda _doing, _share: None)
    return seen


def discard(db: Session, actor: Actor, *, run_id: int) -> None:
    """Cancel a preview that will not be imported."""
    require_own(actor)
    run = known_run(db, actor, run_id)
    if run.state == "preview":
        queries.change_run(db, run_id, state="cancelled")


def formats() -> list[str]:
    """Return the titles of the recognised formats, sorted."""
    return sorted((one.title for one in presets.ALL), key=str.lower)


def is_known(row: Sequence[str]) -> bool:
    """Return whether a row is the header of a file that a preset recognises."""
    return presets.recognise(row) is not None


def owners(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return the users to whom an administrator may assign new donors, as (e-mail, name)."""
    require(actor, Role.ADMIN)
    return queries.owners(db)


def known_run(db: Session, actor: Actor, run_id: int) -> Any:
    """Return a run that the actor may see.

    Raises:
        NotFoundError: there is none.
    """
    run = queries.run(db, actor, run_id)
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
    found = queries.owner_named(db, email)
    if found is None:
        msg = f"No active account has the e-mail {email}."
        raise InvalidError(msg)
    return found


def _options(db: Session, asked: Mapping[str, Any], *, today: date) -> Options:
    return Options(
        today=today,
        currency=organisation(db).currency,
        own_key=own_key(db),
        date_order=asked["date_order"],
        decimal=asked["decimal"],
        repeats=asked["repeats"],
        source=asked["source"],
        owner_id=asked["owner_id"],
        people=asked.get("people") or {},
        policies=asked.get("policies") or {},
    )


def _source(table: Any, asked: Mapping[str, Any]) -> Source:
    made = place(
        table,
        preset=asked["preset"],
        kind=asked["kind"],
        mapping=asked["mapping"],
        source=asked["source"],
    )
    return meaning(made, asked.get("words"))


def _plan(
    db: Session,
    actor: Actor,
    data: bytes,
    asked: Mapping[str, Any],
    *,
    today: date,
    table: Table | None = None,
) -> Staged:
    require(actor, *IMPORTERS)
    if table is None:
        table = open_table(data, read_options.checked(asked.get("reading")))
    made = _source(table, asked)
    if actor.role == Role.FINANCE and (made.kind != "gifts" or made.mixed):
        msg = "Finance imports gifts of known donors. Ask an administrator for the rest."
        raise NotAllowedError(msg)
    options = _options(db, asked, today=today)
    plan = planner.make_plan(db, actor, made, options, file_sha256=upload_store.digest(data))
    return Staged(plan, made, options)


def _carry_out(
    db: Session, actor: Actor, staged: Staged, *, run_id: int, now: datetime, say: Report
) -> None:
    rows = staged.plan.main.rows
    say(f"Writing {count(rows, 'row')}", 30)
    execution.write(db, staged, run_id=run_id, analyse=rows > BIG)
    if staged.source.kind == "gifts":
        say("Matching gifts to pledges", 80)
        execution.match_gifts(db, run_id=run_id, today=staged.options.today, now=now)
    say("Finishing", 95)
    execution.settle_pledges(db, run_id=run_id, today=staged.options.today)
    donors.changed.send(db, before_image_queries.changed_people(db, run_id=run_id))
    inspection.keep_reading(db, actor, staged.source, known_run(db, actor, run_id))
    execution.finish(db, actor, staged.plan, run_id=run_id, now=now)
