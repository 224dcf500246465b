"""API route for exports: every kind of file, as CSV or as an Excel workbook."""

from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from app import exports
from app.api.file_response import send_file, start_again
from app.api.rest.dependencies import CurrentActor, read_only, today
from app.api.rest.schemas.common import Body
from app.db import Session
from app.donors import Credit, Unit

router = APIRouter(prefix="/exports", tags=["exports"])

Kind = Annotated[
    Literal[
        "donors",
        "gifts",
        "pledges",
        "pledge-versions",
        "pledge-pauses",
        "refused-links",
        "soft-credits",
        "funds",
        "campaigns",
        "households",
        "relations",
        "emails",
        "phones",
        "addresses",
        "tags",
        "consents",
        "contacts",
        "tasks",
        "requests",
        "goals",
        "figures",
    ],
    Path(description="Kind of data."),
]
Form = Annotated[Literal["csv", "xlsx"], Path(description="Format: CSV or Excel workbook.")]


class Counted(Body):
    """What donors and figures count."""

    unit: Unit = Field(
        Unit.PERSON,
        description="Of donors and figures: a donor is a person, or a household with its members.",
    )
    credit: Credit = Field(
        Credit.HARD,
        description="Of donors and figures: own gifts, soft credits for gifts of others, or both.",
    )


ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {
            exports.FORMS["csv"]: {"schema": {"type": "string"}},
            exports.FORMS["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get(
    "/{kind}.{form}",
    summary="Export a file",
    operation_id="export",
    response_class=StreamingResponse,
    responses=ANSWERS,
)
async def export(
    actor: CurrentActor, kind: Kind, form: Form, counted: Annotated[Counted, Query()]
) -> StreamingResponse:
    """Export every row you may access, as CSV or as an Excel workbook. The export is logged."""
    day = today(actor)
    query = exports.counting_query(kind, counted.unit, counted.credit)

    def write(file: IO[bytes], later: exports.Later) -> str:
        def read(db: Session) -> None:
            start_again(file, later)
            exports.write(
                db, actor, kind=kind, out=file, form=form, today=day, query=query, later=later
            )

        read_only(actor, read)
        return exports.file_name(kind, today=day, form=form, query=query)

    return await send_file(write)
