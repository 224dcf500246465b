"""Uploads are taken by a screen's session only while one of its upload fields is open."""

import pytest
from streamlit.testing.v1 import AppTest

from app.api.bodies import NO_UPLOAD, UPLOAD, Bodies, limit_of
from app.ui.uploads import MOST_HELD, has_uploader, room
from tests.api.conftest import TestClient

URL = "/_stcore/upload_file/session/file"


def screen() -> None:
    import streamlit as st  # noqa: PLC0415 - the screen is run as a file of its own

    if st.checkbox("Upload"):
        st.file_uploader("File")
    else:
        st.text_input("Name")


def state(at: AppTest):
    return at._session_state._state


def test_a_session_has_an_upload_field_while_it_is_drawn():
    at = AppTest.from_function(screen).run()
    assert not has_uploader(state(at))
    at.checkbox[0].check().run()
    assert has_uploader(state(at))
    at.run()
    assert has_uploader(state(at))
    at.checkbox[0].uncheck().run()
    assert not has_uploader(state(at))


def test_an_unknown_session_has_no_room():
    assert room("nobody's") == 0


async def swallow(scope, receive, send):
    """A route that reads everything and makes nothing of it."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("free", "size", "status"),
    [(0, 10, 403), (MOST_HELD, 10, 204), (100, 100, 204), (100, 101, 413)],
)
def test_an_upload_needs_room(free, size, status):
    client = TestClient(Bodies(swallow, room=lambda _session: free))
    answer = client.put(URL, content=b"x" * size)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["detail"] == NO_UPLOAD
    # what was coming is counted no more
    assert client.app.coming == {}


def test_a_file_of_unknown_length_takes_all_the_room_of_one():
    client = TestClient(Bodies(swallow, room=lambda _session: UPLOAD))
    assert client.put(URL, content=iter([b"x"] * 3)).status_code == 204
    client = TestClient(Bodies(swallow, room=lambda _session: UPLOAD - 1))
    assert client.put(URL, content=iter([b"x"] * 3)).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/api/v1/auth/session/", 4_096), ("POST", "/api/v1/auth/session/end/", 4_096),
        ("POST", "/api/v1/mail/bounces", 524_288), ("POST", "/api/v1/mail/a.b.c", 4_096),
        ("POST", "/api/v1/imports", 50_000_000), ("POST", "/api/v1/imports/", 50_000_000),
        ("POST", "/api/v1/imports/1/commit", 1_000_000), ("PATCH", "/api/v1/donors/1", 1_000_000),
        ("POST", "/api/v1/auth/token", 1_000_000), ("GET", "/api/v1/donors", 4_096),
        ("PUT", URL, UPLOAD), ("DELETE", URL, 4_096), ("POST", "/anything", 4_096),
        ("GET", "/", 4_096),
    ],
)  # fmt: skip
def test_limits(method, path, limit):
    assert limit_of(method, path) == limit


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "1,1", "x"])
def test_a_length_that_is_no_number_is_refused(length):
    client = TestClient(Bodies(swallow))
    answer = client.post("/", content=b"", headers={"content-length": length.encode()})
    assert answer.status_code == 400


def test_a_route_that_hides_the_refusal_does_not_get_around_it():
    async def hiding(scope, receive, send):
        try:
            await swallow(scope, receive, send)
        except Exception:  # noqa: BLE001
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"fine"})

    client = TestClient(Bodies(hiding))
    assert client.post("/", content=iter([b"x" * 3_000] * 3)).status_code == 413
    assert client.post("/", content=iter([b"x" * 2_000] * 2)).status_code == 204
