"""A file as an answer: written whole before its first byte is sent, and gone afterwards."""

from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.responses import StreamingResponse

from app import exports

IN_MEMORY = 4_000_000
PIECE = 64 * 1024
MEDIA_TYPES = exports.FORMS | {"zip": "application/zip"}


def sent(write: Callable[[IO[bytes]], str]) -> StreamingResponse:
    """Have a file written, which says its name, and answer with it; never kept by a browser.

    What goes wrong while writing leaves nothing.
    """
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when sent
    try:
        name = write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    media_type = MEDIA_TYPES[name.rpartition(".")[2]]
    return StreamingResponse(_pieces(file), media_type=media_type, headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
