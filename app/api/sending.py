"""A file as an answer: written whole before its first byte is sent, and gone afterwards."""

from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from fastapi.responses import StreamingResponse

from app import exports

IN_MEMORY = 4_000_000
PIECE = 64 * 1024


def sent(name: str, write: Callable[[IO[bytes]], object]) -> StreamingResponse:
    """Have a file written and answer with it; what goes wrong while writing leaves nothing."""
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when sent
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return StreamingResponse(
        _pieces(file), media_type=exports.FORMS[name.rpartition(".")[2]],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
