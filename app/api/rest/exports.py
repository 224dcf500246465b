"""Exports over HTTP: donors, gifts, pledges and funds as CSV that comes back in."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse

from app import exports
from app.api.rest.asking import Known, today, work

router = APIRouter(prefix="/exports", tags=["exports"])

Kind = Annotated[
    Literal["donors", "gifts", "pledges", "funds"], Path(description="What the file holds.")
]
IN_MEMORY = 4_000_000
PIECE = 64 * 1024
CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/{kind}.csv", summary="Take a file away", operation_id="export",
    response_class=StreamingResponse, responses=CSV_ANSWER,
)  # fmt: skip
def export(actor: Known, kind: Kind) -> StreamingResponse:
    """Write every row you see as CSV. That you took it away is noted."""
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when sent
    try:
        with work(actor) as db:
            exports.write(db, actor, kind=kind, out=file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = exports.file_name(kind, today=today(actor))
    return StreamingResponse(
        _pieces(file), media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
