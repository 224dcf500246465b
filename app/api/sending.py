"""A file as an answer: written whole before its first byte is sent, and gone afterwards."""

import string
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import quote

from starlette.responses import StreamingResponse

from app import exports

IN_MEMORY = 4_000_000
PIECE = 64 * 1024
PLAIN = frozenset(string.ascii_letters + string.digits + "-_.")
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
    headers = {"content-disposition": _attached(name), "cache-control": "no-store"}
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    return StreamingResponse(_pieces(file), media_type=media_type, headers=headers)


def _attached(name: str) -> str:
    """Name a file for the browser; a name that a person chose is spelled as RFC 6266 says."""
    if set(name) <= PLAIN:
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
