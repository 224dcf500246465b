"""Bodies that a route has not read when it answers: drained up to a limit, or the connection ends.

The server beneath drops what comes behind an answer, for as long as it comes. A client that sends
a body without end to a route that reads none would keep its connection for ever.
"""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# what is read and dropped so that the connection can be used again, and for how long
DRAINED = 64 * 1024
SECONDS = 2.0


@dataclass(slots=True)
class UnreadBodies:
    """ASGI middleware around all others."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and close the connection behind an answer given before the body has ended."""
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        body = _Body(receive, drains=_is_small(Headers(scope=scope)))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not await body.drained():
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self.app(scope, body.read, sending)


@dataclass(slots=True)
class _Body:
    """The body of one request, and whether all of it has been read."""

    receive: Receive
    drains: bool
    ended: bool = False

    async def read(self) -> Message:
        message = await self.receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.ended = True
        return message

    async def drained(self) -> bool:
        """Read and drop what is left, up to the limits; return whether that was all."""
        size = 0
        try:
            async with asyncio.timeout(SECONDS):
                while self.drains and not self.ended and size <= DRAINED:
                    size += len((await self.read()).get("body", b""))
        except TimeoutError:
            pass
        return self.ended


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _is_small(headers: Headers) -> bool:
    """Whether a body may be worth waiting for; one that is asked for first is never sent."""
    length = headers.get("content-length", "0")
    known = length.isascii() and length.isdigit() and int(length[:20]) <= DRAINED
    return known and "expect" not in headers
