"""File downloads: the file is written completely before it is sent, and deleted afterwards."""

import asyncio
import string
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import quote

from starlette.responses import StreamingResponse

from app import exports
from app.api.turns import Turns

IN_MEMORY = 4_000_000
PIECE = 64 * 1024
# the number of files written at the same time
AT_ONCE = 4
BUSY = "Several files are being prepared just now. Please try again in half a minute."
TURNS = Turns(AT_ONCE, BUSY)
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="export")
PLAIN = frozenset(string.ascii_letters + string.digits + "-_.")
MEDIA_TYPES = exports.FORMS | {"zip": "application/zip"}


async def send_file(write: Callable[[IO[bytes], exports.Later], str]) -> StreamingResponse:
    """Write a file with `write`, which returns its name, and return it as an uncached response.

    A separate pool of AT_ONCE threads writes the files, besides the threads that serve requests. A
    waiting request holds neither a thread nor a database connection. An error while writing leaves
    no file.

    Raises:
        BusyError: no thread became free in time.
    """
    async with TURNS.turn():
        # a separate thread pool: the threads of the routes stay free
        loop, context = asyncio.get_running_loop(), copy_context()
        file, name = await loop.run_in_executor(_threads, context.run, _written, write)
    headers = {"content-disposition": _attachment_response(name), "cache-control": "no-store"}
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    return StreamingResponse(_pieces(file), media_type=media_type, headers=headers)


def start_again(file: IO[bytes], later: exports.Later) -> None:
    """Empty the file and forget what would complete it: a reading may be made a second time."""
    file.seek(0)
    file.truncate()
    later.clear()


def _written(write: Callable[[IO[bytes], exports.Later], str]) -> tuple[IO[bytes], str]:
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when sent
    later: exports.Later = []
    try:
        name = write(file, later)
        for finish in later:
            finish()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, name


def _attachment_response(name: str) -> str:
    """Return the Content-Disposition of a file; other than plain names are encoded (RFC 6266)."""
    if set(name) <= PLAIN:
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
