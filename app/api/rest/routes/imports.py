"""API routes for imports: plan, commit, progress, undo."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from app import imports
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, now, today, work
from app.api.rest.schemas.common import NO_NUL, Answer, Body, Currency, InPath, Line, Paged
from app.api.rest.uploads import Csv
from app.db import transaction_for_system
from app.imports import Run
from app.kit.amount_masking import without_amounts
from app.kit.errors import InvalidError

router = APIRouter(prefix="/imports", tags=["imports"])

Kind = Literal["donors", "gifts", "pledges", "funds"]
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
Column = Annotated[str, StringConstraints(max_length=600, pattern=NO_NUL)]


class PlanOptions(Body):
    """Options for reading a file; those that are left out are detected from the file."""

    file_name: Line = Field("file.csv", description="Name of the file.")
    kind: Kind | None = Field(None, description="Kind of data in the file.")
    column: list[Column] = Field(
        default=[],
        description="Column mapping as `Header=field`; repeated for each column of a file with an "
        "unknown format.",
        max_length=2000,
    )
    date_order: Literal["ymd", "mdy", "dmy"] | None = Field(None, description="Date format.")
    decimal: Literal["point", "comma"] | None = Field(None, description="Decimal separator.")
    encoding: Line | None = Field(
        None, description="Character encoding, for example `utf-8`, `cp1250` or `shift-jis`."
    )
    sheet: Line | None = Field(None, description="Name of the sheet of a workbook.")
    currency: Currency | None = Field(
        None, description="Currency of amounts that do not name theirs."
    )
    fund: Line | None = Field(None, description="Fund of rows that name none.")
    method: Line | None = Field(None, description="Method of payments that name none.")
    owner: Line | None = Field(
        None, description="E-mail of the owner of new donors; administrators only."
    )
    repeats: bool = Field(default=False, description="Identical rows are separate gifts.")
    policy: list[Column] = Field(
        default=[],
        description="Update policy of a field that has a value: `notes=fill`, `=overwrite` or "
        "`=keep`; fields of gifts and pledges are `gift_note` or `pledge_day`.",
        max_length=100,
    )


class Commit(Body):
    """The plan to commit."""

    plan_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="`plan_hash` of the plan.", examples=["0" * 64]
    )


class RowProblem(Answer):
    """A row that will not be imported, or a note about one that will."""

    row: int
    field: str
    reason: str


class Plan(Answer):
    """The plan of an import; nothing is changed yet."""

    id: int = Field(description="ID of the import.")
    plan_hash: str = Field(description="Send it to commit exactly this plan.")
    title: str = Field(description="Detected format.")
    kind: str
    rows: int
    create: int = Field(description="Number of new records.")
    update: int = Field(description="Number of changed records.")
    skip: int = Field(description="Number of records that exist already.")
    conflict: int
    error: int
    sums: dict[str, str] = Field(
        description="Total amount per currency, to compare with your source."
    )
    problems: list[RowProblem] = Field(description="The first 200 rejected rows.")
    notes: list[RowProblem] = Field(
        description="The first 200 notes about imported rows: cells left empty, repaired or added."
    )
    kept: dict[str, int] = Field(
        description="Number of rows per column whose change `policy` prevents."
    )
    assumed: list[str] = Field(description="What was taken for granted about the file.")
    unused: list[str] = Field(description="The headers of the columns that are not imported.")


class Import(Answer):
    """An import and its progress."""

    id: int
    file_name: str
    kind: str
    state: str = Field(examples=["done"])
    person: str
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    progress: int = Field(description="Progress in percent.")
    doing: str | None
    error: str | None
    create: int
    update: int
    skip: int
    not_imported: int
    problems: list[RowProblem] = Field(
        description="The first 200 rejected rows, when one import is read."
    )


class ImportList(Answer):
    """A page of imports, the newest first."""

    items: list[Import]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


class Undone(Answer):
    """An import that was undone."""

    id: int
    kept: list[str] = Field(description="A sentence for each record that was not removed.")


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
    same = {
        name: shown[name]
        for name in ("rows", "create", "update", "skip", "conflict", "error", "kept")
    }
    return Plan(
        id=preview.run_id,
        plan_hash=preview.plan_hash,
        title=preview.title,
        kind=preview.plan.kind,
        sums=shown["sum"],
        assumed=shown["assumed"],
        unused=shown["unused"],
        problems=_problems(actor, shown["problems"]),
        notes=_problems(actor, shown["notes"]),
        **same,
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
    with work(actor) as db:
        runs = imports.history(db, actor, limit=paging.limit + 1, before=before)
    page = runs[: paging.limit]
    cursor = cursors.encode_cursor("imports", page[-1].id) if len(runs) > paging.limit else None
    return ImportList(items=[_import_of(actor, run, []) for run in page], next=cursor)


@router.get("/{id}", summary="Read an import", operation_id="read_import")
def read(actor: CurrentActor, id: InPath) -> Import:  # noqa: A002
    """Return one import, its progress, and the rows that were not imported."""
    with work(actor) as db:
        run = imports.get(db, actor, run_id=id)
        return _import_of(actor, run, imports.problems(db, actor, run_id=id))


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
        problems=_problems(actor, problems),
    )
