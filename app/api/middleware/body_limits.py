"""Size limits of request bodies by route, checked by Content-Length and while reading."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KB, MB = 1024, 1024 * 1024
# the default: the exchange of sign-in codes, one-click links in mails, requests without a body
SMALL = 4 * KB
PASSKEY = 16 * KB
BOUNCE = 512 * KB
JSON_BODY = 1_000_000
LOGO = 2_000_000
RATES = 10 * MB
IMPORT = 50_000_000
# Streamlit's uploads: `server.maxUploadSize`, and the form around the file
UPLOAD = 200 * MB + 64 * KB
UPLOADS = "/_stcore/upload_file/"
API = "/api/v1/"
# API routes with their own limit; the first match counts
RULES = (
    ("/api/v1/auth/session", SMALL),
    ("/api/v1/mail/bounces", BOUNCE),
    ("/api/v1/mail/", SMALL),
    ("/api/v1/files/", SMALL),
    ("/api/v1/organisation/logo", LOGO),
    ("/api/v1/exchange-rates/file", RATES),
    ("/api/v1/imports", IMPORT),
)
# pages beside the screens: the browser's response for a passkey, with its certificates
PASSKEYS = ("/account/passkeys", "/sign-in/passkey")
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
NO_UPLOAD = "Open the upload field of the Import screen, then choose the file again."
HELD = "Remove the file you chose before, then choose this one again."
FULL = (
    "Other people's uploads take all the memory for files just now. Please wait a few minutes, "
    "then choose the file again."
)
RETRY_SECONDS = 120

Room = Callable[[str], int]


class TooLargeError(HTTPException):
    """The body is larger than the limit of its route."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, too_large(limit))


def too_large(limit: int) -> str:
    """Return the error message for a body of more than `limit` bytes."""
    size = f"{limit // 1_000_000} MB" if limit >= JSON_BODY else f"{limit // KB} KB"
    return f"This is more than {size}. Send less at once, or import a file."


def limit_of(method: str, path: str) -> int:
    """Return the size limit of a request body in bytes."""
    if method not in WITH_BODY:
        return SMALL
    if path.startswith(UPLOADS):
        return UPLOAD if method == "PUT" else SMALL
    if path.startswith(PASSKEYS):
        return PASSKEY
    if not path.startswith(API):
        return SMALL
    # only one route of imports has a file as its body; the others take JSON
    exact = path.rstrip("/")
    for start, limit in RULES:
        if exact == start or (path.startswith(start) and limit != IMPORT):
            return limit
    return JSON_BODY


def no_uploads(_session_id: str) -> int:
    """Return 0: no screen of this process accepts files."""
    return 0


def no_limit() -> int:
    """Return the largest int: no limit on the uploads of all sessions together."""
    return sys.maxsize


def ignore_log(_session_id: str, _sentence: str) -> None:
    """Show nothing: only the response says why an upload was refused."""


@dataclass(slots=True)
class BodyLimitMiddleware:
    """ASGI middleware that limits request bodies of the screens and the routes.

    `room` returns how many bytes of files a session accepts now: 0 if none of its upload fields is
    open. `spare` returns how many bytes all sessions of this process accept together. `refused`
    shows the message of a refused upload on the session's screen.
    """

    app: ASGIApp
    room: Room = no_uploads
    spare: Callable[[], int] = no_limit
    refused: Callable[[str, str], None] = ignore_log
    # session → bytes of its uploads in progress
    coming: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a body whose Content-Length exceeds the limit, and stop reading at the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        limit = limit_of(method, path)
        length = Headers(scope=scope).get("content-length", "")
        if length and not (length.isascii() and length.isdigit()):
            await _refuse(send, path, 400, "The Content-Length is not a number.")
        elif int(length[:20] or 0) > limit:
            await _refuse(send, path, 413, too_large(limit))
        elif method == "PUT" and path.startswith(UPLOADS):
            await self._upload(scope, receive, send, int(length or limit))
        else:
            await _Limited(self.app, limit)(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send, size: int) -> None:
        path = scope["path"]
        session_id = path.removeprefix(UPLOADS).partition("/")[0]
        room = self.room(session_id)
        if not room:
            await _refuse(send, path, 403, NO_UPLOAD)
            return
        if size > room - self.coming[session_id]:
            self.refused(session_id, HELD)
            await _refuse(send, path, 413, HELD)
            return
        if size > self.spare() - self.coming.total():
            self.refused(session_id, FULL)
            await _refuse(send, path, 503, FULL)
            return
        self.coming[session_id] += size
        try:
            await _Limited(self.app, size)(scope, receive, send)
        finally:
            self.coming[session_id] -= size
            if self.coming[session_id] <= 0:
                del self.coming[session_id]


class _Limited:
    """One request that is refused when its body exceeds the limit while it is read."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit
        self.size, self.started = 0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting() -> Message:
            if self.size > self.limit:
                raise TooLargeError(self.limit)
            message = await receive()
            self.size += len(message.get("body", b""))
            if self.size > self.limit:
                raise TooLargeError(self.limit)
            return message

        async def sending(message: Message) -> None:
            # drop the route's response to the refusal: the middleware sends its own
            if self.size > self.limit and not self.started:
                return
            self.started = True
            await send(message)

        try:
            await self.app(scope, counting, sending)
        except Exception:
            if self.started or self.size <= self.limit:
                raise
        if self.size > self.limit and not self.started:
            await _refuse(send, scope["path"], 413, too_large(self.limit))


async def _refuse(send: Send, path: str, status: int, detail: str) -> None:
    """Send an error response without reading the rest of the body, and close the connection."""
    titles = {
        400: "Bad Request",
        403: "Forbidden",
        413: "Content Too Large",
        503: "Service Unavailable",
    }
    problem = {"type": "about:blank", "title": titles[status], "status": status, "detail": detail}
    body = json.dumps(problem).encode()
    kind = "application/problem+json" if path.startswith(API) else "application/json"
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if status == 503:  # noqa: PLR2004
        headers.append((b"retry-after", str(RETRY_SECONDS).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
