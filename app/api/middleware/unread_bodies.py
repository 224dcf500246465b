"""Drain unread request bodies up to a limit, or close the connection after the response.

The server discards what a client sends after the response, for as long as it sends. A client that
sends an endless body to a route that reads none would keep its connection open for ever.
"""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# how many bytes are discarded, and for how long, so that the connection can be reused
DRAINED = 64 * 1024
SECONDS = 2.0


@dataclass(slots=True)
class DrainBodyMiddleware:
    """ASGI middleware that handles unread request bodies; it is the outermost one."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app; close the connection if the body has not been read to its end."""
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
        """Discard the rest of the body up to the limits; return whether its end was reached."""
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
    """Return whether a body is small enough to drain.

    A client that sends "Expect: 100-continue" never sends an unread body.
    """
    length = headers.get("content-length", "0")
    within_limit = length.isascii() and length.isdigit() and int(length[:20]) <= DRAINED
    return within_limit and "expect" not in headers
