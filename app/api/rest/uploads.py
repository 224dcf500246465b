"""Files as request bodies, read after authentication and up to a size limit."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.api.body_limits import IMPORT
from app.api.rest.dependencies import Known

LARGEST = IMPORT
TOO_LARGE = "This file is larger than 50 MB. Import it on the screen or at the server."
NOT_CSV = "Send the file itself as text/csv."
KINDS = ("text/csv", "application/octet-stream")


async def _csv(_actor: Known, request: Request) -> bytes:
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
