"""A body that a route has not read when it answers: drained a little, or the connection ends."""

import asyncio

import pytest
from starlette.types import Message, Receive, Send

from app.api.middleware import unread_bodies
from app.api.middleware.unread_bodies import DRAINED, DrainBodyMiddleware

START = {"type": "http.response.start", "status": 200, "headers": []}
CHUNKED = [(b"transfer-encoding", b"chunked")]


def asked(
    headers: list[tuple[bytes, bytes]],
    pieces: list[bytes],
    *,
    reads: bool = False,
    ends: bool = True,
) -> tuple[dict[bytes, bytes], int]:
    """Ask a route; return the headers of its answer and how many pieces were taken."""
    waiting = list(pieces)
    sent: list[Message] = []

    async def receive() -> Message:
        if not waiting:
            # nothing comes any more
            await asyncio.sleep(60)
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting) or not ends}

    async def send(message: Message) -> None:
        sent.append(message)

    async def route(_scope: object, receive: Receive, send: Send) -> None:
        while reads and (await receive())["more_body"]:
            pass
        await send(dict(START, headers=[]))
        await send({"type": "http.response.body", "body": b"done"})

    scope = {"type": "http", "headers": headers}
    asyncio.run(DrainBodyMiddleware(route)(scope, receive, send))
    return dict(sent[0]["headers"]), len(pieces) - len(waiting)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread_bodies, "SECONDS", 0.05)


@pytest.mark.parametrize("reads", [True, False])
def test_a_small_body_is_drained_and_the_connection_stays(reads: bool) -> None:
    assert asked(CHUNKED, [b"a", b"b"], reads=reads) == ({}, 2)
    assert asked([(b"content-length", b"2")], [b"a", b"b"], reads=reads) == ({}, 2)


def test_without_a_body_nothing_is_waited_for() -> None:
    assert asked([], []) == ({}, 0)
    assert asked([(b"content-length", b"0")], []) == ({}, 0)


def test_what_does_not_end_is_closed() -> None:
    closed = {b"connection": b"close"}
    piece = b"x" * 16_384
    found, taken = asked(CHUNKED, [piece] * 1_000, ends=False)
    assert found == closed
    assert taken * len(piece) <= DRAINED + 2 * len(piece)
    assert asked(CHUNKED, [b"a"], ends=False) == (closed, 1)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", str(DRAINED + 1).encode())],
        [(b"content-length", b"5"), (b"expect", b"100-continue")],
        [(b"content-length", b"x")],
    ],
)
def test_what_is_too_long_or_not_sent_yet_is_not_asked_for(
    headers: list[tuple[bytes, bytes]],
) -> None:
    assert asked(headers, [b"a"] * 5) == ({b"connection": b"close"}, 0)


def test_a_body_that_was_read_whole_is_not_waited_for() -> None:
    assert asked(CHUNKED, [b"x" * DRAINED] * 9, reads=True) == ({}, 9)
