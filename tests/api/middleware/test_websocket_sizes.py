"""What a browser sends through its websocket has a largest size, signed in or not."""

from contextlib import suppress

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.api.middleware.test_bodies import MB, Server, server, started

__all__ = ["server", "started"]
# one worker, so that the server is started once
pytestmark = pytest.mark.xdist_group("websocket")
TOO_BIG = 1009
SECONDS = 60
# what one message may cost: the server holds it whole before it refuses it
MOST_MEMORY = 80 * MB


def opened(server: Server) -> ClientConnection:
    """Connect as the sign-in form does, without a cookie."""
    address = server.http.base_url
    answer: ClientConnection = connect(
        f"ws://{address.host}:{address.port}/_stcore/stream",
        origin=Origin(f"http://{address.host}:{address.port}"),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        compression=None,
    )
    return answer


def closed_with(connection: ClientConnection) -> int | None:
    """Read until the server closes the connection; return its code, if it sent one."""
    try:
        while True:
            connection.recv(timeout=SECONDS)
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else None


def widgets(number: int) -> bytes:
    """A well-formed message with the states of so many widgets, 12 bytes each."""
    ask = BackMsg()
    for count in range(number):
        state = ask.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = f"{count:06}", True
    answer: bytes = ask.SerializeToString()
    return answer


MESSAGES = {
    "2 MB of widgets": lambda: widgets(2 * MB // 12),
    "18 MB of widgets": lambda: widgets(18 * MB // 12),
    "60 MB of nothing": lambda: b"\0" * 60 * MB,
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_above_the_limit_closes_the_connection_and_is_not_kept(
    server: Server, name: str
) -> None:
    message = MESSAGES[name]()
    with opened(server) as first:
        first.send(widgets(1))
        first.recv(timeout=SECONDS)
    before = server.process.memory_info().rss
    with opened(server) as connection:
        # the server may close it before everything is sent
        with suppress(ConnectionClosed):
            connection.send(message)
        # None: it was cut off in the middle of the message
        assert closed_with(connection) in {TOO_BIG, None}
    assert server.process.memory_info().rss - before < MOST_MEMORY
    assert server.http.get("/api/v1/health/").status_code == 200


def test_a_screen_full_of_widgets_is_taken(server: Server) -> None:
    with opened(server) as connection:
        connection.send(widgets(20_000))
        assert connection.recv(timeout=SECONDS)
