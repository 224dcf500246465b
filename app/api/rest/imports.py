"""API routes for imports: plan, commit, progress, undo."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from app import imports
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import Known, now, today, work
from app.api.rest.schemas.common import NO_NUL, Answer, Body, InPath, Line, Paged
from app.api.rest.uploads import Csv
from app.db import transaction_for_system
from app.imports import Run
from app.kit.amount_masking import without_amounts
from app.kit.errors import InvalidError

router = APIRouter(prefix="/imports", tags=["imports"])

Kind = Literal["donors", "gifts", "pledges", "funds"]
MOST_PROBLEMS = 200
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


class Reading(Body):
    """Options for reading a file; those that are left out are detected from the file."""

    file_name: Line = Field("file.csv", description="What the file is called.")
    kind: Kind | None = Field(None, description="What the file holds.")
    column: list[Column] = Field(
        default=[],
        description="What a column is, as `Header=field`; once for each column of a file whose "
        "format is not known.",
        max_length=200,
    )
    date_order: Literal["ymd", "mdy", "dmy"] | None = Field(
        None, description="How days are written."
    )
    decimal: Literal["point", "comma"] | None = Field(None, description="The decimal mark.")
    owner: Line | None = Field(
        None, description="The e-mail of whose the new donors are; an administrator's choice."
    )
    repeats: bool = Field(default=False, description="Identical rows are separate gifts.")
    policy: list[Column] = Field(
        default=[],
        description="What becomes of a field that is here already, as `notes=fill`, `=overwrite` "
        "or `=keep`; of gifts and pledges as `gift_note` or `pledge_day`.",
        max_length=100,
    )


class Commit(Body):
    """The plan to commit."""

    plan_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="`plan_hash` of the plan.", examples=["0" * 64]
    )


class RowProblem(Answer):
    """A row that will not be imported."""

    row: int
    field: str
    reason: str


class Plan(Answer):
    """The plan of an import; nothing is changed yet."""

    id: int = Field(description="The number of the import.")
    plan_hash: str = Field(description="Send it back to carry out exactly this.")
    title: str = Field(description="The format it was recognised as.")
    kind: str
    rows: int
    create: int = Field(description="New.")
    update: int = Field(description="Changed.")
    skip: int = Field(description="Here already.")
    conflict: int
    error: int
    sums: dict[str, str] = Field(description="Currency to amount, to check with your source.")
    problems: list[RowProblem] = Field(description="The first 200 rows that will not come in.")
    kept: dict[str, int] = Field(
        description="Column to rows in which the file would change it, and `policy` does not."
    )


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
    progress: int = Field(description="In percent.")
    doing: str | None
    error: str | None
    create: int
    update: int
    skip: int
    not_imported: int
    problems: list[RowProblem] = Field(description="The first 200, when one import is read.")


class ImportList(Answer):
    """A page of imports, the newest first."""

    items: list[Import]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


class Undone(Answer):
    """An import that was undone."""

    id: int
    kept: list[str] = Field(description="A sentence for each row that stayed.")


@router.post(
    "",
    status_code=201,
    summary="Plan an import",
    operation_id="plan_import",
    openapi_extra=CSV_BODY,
)
def plan(actor: Known, asked: Annotated[Reading, Query()], data: Csv) -> Plan:
    """Read a CSV file, sent as the body, and return its plan. Nothing is changed yet."""
    how = asked.model_dump(exclude={"column", "policy"}) | {
        "mapping": _mapping(asked.column),
        "policies": _policies(asked.policy),
    }
    # before the transaction: reading may take seconds, and connections are limited
    table = imports.read_file(actor, data=data)
    with transaction_for_system(actor) as db:
        seen = imports.preview(db, actor, today=today(actor), data=data, table=table, **how)
    shown = imports.as_json(seen.plan)
    same = {
        name: shown[name]
        for name in ("rows", "create", "update", "skip", "conflict", "error", "kept")
    }
    return Plan(
        id=seen.run_id,
        plan_hash=seen.plan_hash,
        title=seen.title,
        kind=seen.plan.kind,
        sums=shown["sum"],
        problems=_problems(actor, shown["problems"]),
        **same,
    )


@router.post("/{id}/commit", summary="Carry an import out", operation_id="commit_import")
def commit(actor: Known, id: InPath, body: Commit, response: Response) -> Import:  # noqa: A002
    """Commit exactly the plan; 409 if the data has changed since.

    A big file, or one that has to wait for another import, is queued for the worker and answered
    with 202: poll the import until it is done.
    """
    with transaction_for_system(actor) as db:
        run = imports.get(db, actor, run_id=id)
        if run.counts.get("rows", 0) > imports.BIG or not imports.take_turn(db):
            imports.queue_import(db, actor, run_id=id, plan_hash=body.plan_hash)
            response.status_code = 202
        else:
            imports.commit(
                db, actor, run_id=id, plan_hash=body.plan_hash, today=today(actor), now=now()
            )
        return _sent(actor, imports.get(db, actor, run_id=id), [])


@router.post("/{id}/undo", summary="Take an import back", operation_id="undo_import")
def undo(actor: Known, id: InPath) -> Undone:  # noqa: A002
    """Undo exactly the changes of the import; rows that were changed since stay."""
    with transaction_for_system(actor) as db:
        done = imports.undo(db, actor, run_id=id, now=now())
    said = str if actor.sees_amounts else without_amounts
    return Undone(id=id, kept=[said(one) for one in done.kept])


@router.get("", summary="List imports", operation_id="list_imports")
def listed(actor: Known, asked: Annotated[Paged, Query()]) -> ImportList:
    """Return a page of the imports you may see, the newest first."""
    place = cursors.decode_cursor("imports", asked.after, tuple[int]) if asked.after else (None,)
    with work(actor) as db:
        found = imports.history(db, actor, limit=asked.limit + 1, before=place[0])
    page = found[: asked.limit]
    more = cursors.encode_cursor("imports", page[-1].id) if len(found) > asked.limit else None
    return ImportList(items=[_sent(actor, run, []) for run in page], next=more)


@router.get("/{id}", summary="Read an import", operation_id="read_import")
def one(actor: Known, id: InPath) -> Import:  # noqa: A002
    """Return one import, its progress, and the rows that were not imported."""
    with work(actor) as db:
        run = imports.get(db, actor, run_id=id)
        return _sent(actor, run, imports.problems(db, actor, run_id=id))


def _mapping(columns: list[str]) -> dict[str, str] | None:
    pairs = [one.rpartition("=") for one in columns]
    if not all(header and field for header, _, field in pairs):
        msg = "Write each column as Header=field, for example “Full name=name”."
        raise InvalidError(msg)
    return {header: field for header, _, field in pairs} or None


def _policies(said: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in said]
    if not all(equals for _, equals, _ in pairs):
        msg = "Write each policy as field=way, for example “notes=keep”."
        raise InvalidError(msg)
    return {name.strip(): way.strip() for name, _, way in pairs}


def _problems(actor: Actor, found: list[dict[str, Any]]) -> list[RowProblem]:
    said = str if actor.sees_amounts else without_amounts
    return [
        RowProblem(row=one["row"], field=one["field"], reason=said(one["reason"]))
        for one in found[:MOST_PROBLEMS]
    ]


def _sent(actor: Actor, run: Run, problems: list[dict[str, Any]]) -> Import:
    made, said = run.counts, (str if actor.sees_amounts else without_amounts)
    error = None if run.error is None else said(run.error)
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
        error=error,
        create=made.get("create", 0),
        update=made.get("update", 0),
        skip=made.get("skip", 0),
        not_imported=made.get("conflict", 0) + made.get("error", 0),
        problems=_problems(actor, problems),
    )
