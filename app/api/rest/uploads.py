"""Files as request bodies, read after authentication and up to a size limit."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.api.middleware.body_limits import IMPORT
from app.api.rest.dependencies import CurrentActor
from app.api.turns import Turns

LARGEST = IMPORT
TOO_LARGE = "This file is larger than 50 MB. Import it on the screen or at the server."
NOT_CSV = "Send the file itself as text/csv."
KINDS = ("text/csv", "application/octet-stream")
# files held in memory and read at the same time
AT_ONCE = 4
BUSY = "Several files are being read just now. Please try again in half a minute."
TURNS = Turns(AT_ONCE, BUSY)


async def _turn(_actor: CurrentActor) -> AsyncIterator[None]:
    async with TURNS.turn():
        yield


async def _csv(
    _actor: CurrentActor, _turn: Annotated[None, Depends(_turn)], request: Request
) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise HTTPException(415, NOT_CSV)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST:
        raise HTTPException(413, TOO_LARGE)
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > LARGEST:
            raise HTTPException(413, TOO_LARGE)
    return bytes(data)


Csv = Annotated[bytes, Depends(_csv)]
