"""API route for exports: every kind of file, as CSV or as an Excel workbook."""

from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse

from app import exports
from app.api.file_response import send_file
from app.api.rest.dependencies import CurrentActor, today, work

router = APIRouter(prefix="/exports", tags=["exports"])

Kind = Annotated[
    Literal[
        "donors",
        "gifts",
        "pledges",
        "pledge-versions",
        "refused-links",
        "funds",
        "households",
        "tasks",
        "figures",
    ],
    Path(description="Kind of data."),
]
Form = Annotated[Literal["csv", "xlsx"], Path(description="Format: CSV or Excel workbook.")]
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
async def export(actor: CurrentActor, kind: Kind, form: Form) -> StreamingResponse:
    """Export every row you may access, as CSV or as an Excel workbook. The export is logged."""
    day = today(actor)

    def write(file: IO[bytes], later: exports.Later) -> str:
        with work(actor) as db:
            exports.write(db, actor, kind=kind, out=file, form=form, today=day, later=later)
        return exports.file_name(kind, today=day, form=form)

    return await send_file(write)
