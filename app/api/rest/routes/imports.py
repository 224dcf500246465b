"""API routes for imports: plan, commit, progress, undo."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app import imports
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, now, read_only, today
from app.api.rest.schemas.common import InPath, Paged
from app.api.rest.schemas.imports import (
    Commit,
    Import,
    ImportList,
    MappedColumn,
    Plan,
    PlanOptions,
    RowProblem,
    SavedMapping,
    SavedMappingList,
    Undone,
)
from app.api.rest.uploads import Csv
from app.db import Session, transaction_for_system
from app.imports import Run
from app.kit.amount_masking import without_amounts
from app.kit.errors import InvalidError

router = APIRouter(prefix="/imports", tags=["imports"])

MAX_PROBLEMS = 200
CSV_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {
                    "type": "string",
                    "description": "The file itself.",
                    "examples": ["Name,E-mail\nMara Vogel,mara@example.org\n"],
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    summary="Plan an import",
    operation_id="plan_import",
    openapi_extra=CSV_BODY,
)
def plan(actor: CurrentActor, options: Annotated[PlanOptions, Query()], data: Csv) -> Plan:
    """Read a CSV file, sent as the body, and return its plan. Nothing is changed yet."""
    mapping, policies = _mapping(options.column), _policies(options.policy)
    # before the transaction: reading may take seconds, and connections are limited
    overrides = {"encoding": options.encoding, "sheet": options.sheet}
    reading = {name: value for name, value in overrides.items() if value is not None}
    table = imports.read_file(actor, data=data, reading=reading)
    request = imports.ImportRequest(
        file_name=options.file_name,
        data=data,
        kind=options.kind,
        mapping=mapping,
        date_order=options.date_order,
        decimal=options.decimal,
        owner=options.owner,
        repeats=options.repeats,
        source=options.source,
        currency=options.currency,
        fund=options.fund,
        method=options.method,
        policies=policies,
        reading=reading,
        table=table,
    )
    with transaction_for_system(actor) as db:
        preview = imports.preview(db, actor, request, today=today(actor))
    shown = imports.as_json(preview.plan)
    counts = ("rows", "create", "update", "skip", "conflict", "error")
    same = (*counts, "kept", "awaiting_rate", "assumed", "unused")
    return Plan(
        id=preview.run_id,
        plan_hash=preview.plan_hash,
        title=preview.title,
        kind=preview.plan.kind,
        sums=shown["sum"],
        problems=_problems(actor, shown["problems"]),
        notes=_problems(actor, shown["notes"]),
        **{name: shown[name] for name in same},
    )


@router.post("/{id}/commit", summary="Commit an import", operation_id="commit_import")
def commit(actor: CurrentActor, id: InPath, body: Commit, response: Response) -> Import:  # noqa: A002
    """Commit exactly the plan; 409 if the data has changed since.

    A big file, or one that has to wait for another import, is queued for the worker and answered
    with 202: poll the import until it is done.
    """
    with transaction_for_system(actor) as db:
        run = imports.get(db, actor, run_id=id)
        if run.counts.get("rows", 0) > imports.BIG_IMPORT_ROWS or not imports.try_lock(db):
            imports.queue_import(db, actor, run_id=id, plan_hash=body.plan_hash)
            response.status_code = 202
        else:
            imports.commit(
                db, actor, run_id=id, plan_hash=body.plan_hash, today=today(actor), now=now()
            )
        return _import_of(actor, imports.get(db, actor, run_id=id), [])


@router.post("/{id}/undo", summary="Undo an import", operation_id="undo_import")
def undo(actor: CurrentActor, id: InPath) -> Undone:  # noqa: A002
    """Undo exactly the changes of the import; rows that were changed since stay."""
    with transaction_for_system(actor) as db:
        done = imports.undo(db, actor, run_id=id, now=now())
    return Undone(id=id, kept=[_masked(actor, sentence) for sentence in done.kept])


@router.get("", summary="List imports", operation_id="list_imports")
def list_imports(actor: CurrentActor, paging: Annotated[Paged, Query()]) -> ImportList:
    """Return a page of the imports you may see, the newest first."""
    before: int | None = None
    if paging.after:
        (before,) = cursors.decode_cursor("imports", paging.after, tuple[int])
    runs = read_only(
        actor, lambda db: imports.history(db, actor, limit=paging.limit + 1, before=before)
    )
    page = runs[: paging.limit]
    cursor = cursors.encode_cursor("imports", page[-1].id) if len(runs) > paging.limit else None
    return ImportList(items=[_import_of(actor, run, []) for run in page], next=cursor)


@router.get("/mappings", summary="List saved mappings", operation_id="list_import_mappings")
def list_mappings(actor: CurrentActor) -> SavedMappingList:
    """Return your saved column mappings and the shared ones, those used last first.

    Send the columns of one as `column` to plan an import of a similar file.
    """
    saved = read_only(actor, lambda db: imports.list_mappings(db, actor))
    return SavedMappingList(items=[_mapping_of(mapping) for mapping in saved])


@router.get("/{id}", summary="Read an import", operation_id="read_import")
def read(actor: CurrentActor, id: InPath) -> Import:  # noqa: A002
    """Return one import, its progress, and the rows that were not imported."""

    def find(db: Session) -> Import:
        run = imports.get(db, actor, run_id=id)
        return _import_of(actor, run, imports.problems(db, actor, run_id=id))

    return read_only(actor, find)


def _mapping(columns: list[str]) -> dict[str, str] | None:
    pairs = [column.rpartition("=") for column in columns]
    if not all(header and field for header, _, field in pairs):
        msg = "Write each column as Header=field, for example “Full name=name”."
        raise InvalidError(msg)
    return {header: field for header, _, field in pairs} or None


def _policies(policies: list[str]) -> dict[str, str]:
    pairs = [policy.partition("=") for policy in policies]
    if not all(equals for _, equals, _ in pairs):
        msg = "Write each policy as field=way, for example “notes=keep”."
        raise InvalidError(msg)
    return {name.strip(): policy.strip() for name, _, policy in pairs}


def _mapping_of(saved: imports.SavedMapping) -> SavedMapping:
    latest = saved.latest
    return SavedMapping(
        id=saved.mapping_id,
        name=saved.name,
        kind=saved.kind,
        version=latest.version,
        columns=[
            MappedColumn(header=header, field=latest.mapping.get(header) or None)
            for header in latest.headers
        ],
        person=saved.person,
        own=saved.own,
        shared=saved.shared,
        used_at=saved.used_at,
    )


def _masked(actor: Actor, sentence: str) -> str:
    return sentence if actor.sees_amounts else without_amounts(sentence)


def _problems(actor: Actor, problems: list[dict[str, Any]]) -> list[RowProblem]:
    return [
        RowProblem(
            row=problem["row"],
            field=problem["field"],
            reason=_masked(actor, problem["reason"]),
        )
        for problem in problems[:MAX_PROBLEMS]
    ]


def _import_of(actor: Actor, run: Run, problems: list[dict[str, Any]]) -> Import:
    counts = run.counts
    return Import(
        id=run.id,
        file_name=run.file_name,
        kind=run.kind,
        state=run.state,
        person=run.person,
        created_at=run.created_at,
        committed_at=run.committed_at,
        undone_at=run.undone_at,
        progress=run.progress,
        doing=run.doing,
        error=None if run.error is None else _masked(actor, run.error),
        create=counts.get("create", 0),
        update=counts.get("update", 0),
        skip=counts.get("skip", 0),
        not_imported=counts.get("conflict", 0) + counts.get("error", 0),
        awaiting_rate=counts.get("awaiting_rate", {}),
        problems=_problems(actor, problems),
    )
