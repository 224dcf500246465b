"""Uploads are taken by a screen's session only while one of its upload fields is open."""

from collections.abc import MutableMapping
from types import SimpleNamespace

import pytest
from starlette.types import Receive, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.state import SessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from app.api.middleware.body_limits import (
    FULL,
    HELD,
    NO_UPLOAD,
    UPLOAD,
    BodyLimitMiddleware,
    limit_of,
)
from app.kit.errors import ConfigurationError
from app.settings import settings
from app.ui.shell import uploads
from app.ui.shell.uploads import MAX_BYTES_PER_SESSION, free_space, has_uploader
from tests.web_client import TestClient

URL = "/_stcore/upload_file/session/file"


def screen() -> None:
    import streamlit as st  # noqa: PLC0415 - the screen is run as a file of its own

    if st.checkbox("Upload"):
        st.file_uploader("File")
    else:
        st.text_input("Name")


def state(app: AppTest) -> SessionState:
    return app._session_state._state  # noqa: SLF001 - Streamlit has no public name for it


def test_a_session_has_an_upload_field_while_it_is_drawn() -> None:
    app = AppTest.from_function(screen).run()
    assert not has_uploader(state(app))
    app.checkbox[0].check().run()
    assert has_uploader(state(app))
    app.run()
    assert has_uploader(state(app))
    app.checkbox[0].uncheck().run()
    assert not has_uploader(state(app))


def test_an_unknown_session_has_no_free_space() -> None:
    assert free_space("nobody's") == 0


async def swallow(scope: MutableMapping[str, object], receive: Receive, send: Send) -> None:
    """A route that reads the body and answers without content."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("free", "size", "status"),
    [(0, 10, 403), (MAX_BYTES_PER_SESSION, 10, 204), (100, 100, 204), (100, 101, 413)],
)
def test_an_upload_needs_free_space(free: int, size: int, status: int) -> None:
    app = BodyLimitMiddleware(swallow, room=lambda _session: free)
    client = TestClient(app)
    response = client.put(URL, content=b"x" * size)
    assert response.status_code == status
    if status == 403:
        assert response.json()["detail"] == NO_UPLOAD
    # what was coming is counted no more
    assert app.coming == {}


def test_a_file_of_unknown_length_takes_the_free_space_of_the_largest() -> None:
    client = TestClient(BodyLimitMiddleware(swallow, room=lambda _session: UPLOAD))
    assert client.put(URL, content=iter([b"x"] * 3)).status_code == 204
    client = TestClient(BodyLimitMiddleware(swallow, room=lambda _session: UPLOAD - 1))
    assert client.put(URL, content=iter([b"x"] * 3)).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/api/v1/auth/session/", 4_096),
        ("POST", "/api/v1/auth/session/end/", 4_096),
        ("POST", "/api/v1/mail/bounces", 524_288),
        ("POST", "/api/v1/mail/a.b.c", 4_096),
        ("POST", "/api/v1/imports", 50_000_000),
        ("POST", "/api/v1/imports/", 50_000_000),
        ("POST", "/api/v1/imports/1/commit", 1_000_000),
        ("PATCH", "/api/v1/donors/1", 1_000_000),
        ("POST", "/api/v1/auth/token", 1_000_000),
        ("GET", "/api/v1/donors", 4_096),
        ("PUT", URL, UPLOAD),
        ("DELETE", URL, 4_096),
        ("POST", "/anything", 4_096),
        ("GET", "/", 4_096),
    ],
)
def test_limits(method: str, path: str, limit: int) -> None:
    assert limit_of(method, path) == limit


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "1,1", "x"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    client = TestClient(BodyLimitMiddleware(swallow))
    response = client.post("/", content=b"", headers={"content-length": length.encode()})
    assert response.status_code == 400


def test_a_route_that_hides_the_refusal_does_not_get_around_it() -> None:
    async def hiding(scope: MutableMapping[str, object], receive: Receive, send: Send) -> None:
        try:
            await swallow(scope, receive, send)
        except Exception:  # noqa: BLE001
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"fine"})

    client = TestClient(BodyLimitMiddleware(hiding))
    assert client.post("/", content=iter([b"x" * 3_000] * 3)).status_code == 413
    assert client.post("/", content=iter([b"x" * 2_000] * 2)).status_code == 204


def test_what_all_sessions_upload_together_has_a_limit() -> None:
    refusals = []
    free = [250]
    app = BodyLimitMiddleware(
        swallow,
        room=lambda _session: MAX_BYTES_PER_SESSION,
        spare=lambda: free[0],
        refused=lambda session, sentence: refusals.append((session, sentence)),
    )
    client = TestClient(app)
    assert client.put(URL, content=b"x" * 250).status_code == 204
    app.coming["another"] = 100
    assert client.put(URL, content=b"x" * 150).status_code == 204
    response = client.put(URL, content=b"x" * 151)
    assert (response.status_code, response.json()["detail"]) == (503, FULL)
    assert int(response.headers["retry-after"]) > 0
    assert refusals == [("session", FULL)]
    # a refused one is not counted, and freed memory is
    assert app.coming == {"another": 100}
    free[0] = 251
    assert client.put(URL, content=b"x" * 151).status_code == 204


def test_a_session_that_holds_a_file_is_told_what_to_remove() -> None:
    refusals = []
    bodies = BodyLimitMiddleware(
        swallow, room=lambda _session: 5, refused=lambda *one: refusals.append(one)
    )
    response = TestClient(bodies).put(URL, content=b"x" * 6)
    assert (response.status_code, response.json()["detail"]) == (413, HELD)
    assert refusals == [("session", HELD)]


class Framework:
    """A stand-in for the framework's runtime, with its real store of files."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/upload")
        self.open: dict[str, SimpleNamespace] = {}
        self._session_mgr = self

    def list_sessions(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(session=session) for session in self.open.values()]

    def get_app_session(self, session_id: str) -> SimpleNamespace | None:
        return self.open.get(session_id)

    def opened(self, session_id: str, size: int) -> SimpleNamespace:
        drawn: list[object] = []
        self.open[session_id] = session = SimpleNamespace(
            id=session_id,
            session_state={},
            _client_state="this page",
            drawn=drawn,
            request_rerun=drawn.append,
        )
        record = UploadedFileRec("file", "a.csv", "text/csv", b"x" * size)
        self.uploaded_file_mgr.add_file(session_id, record)
        return session


@pytest.fixture
def framework(monkeypatch: pytest.MonkeyPatch) -> Framework:
    framework_ = Framework()
    running = SimpleNamespace(exists=lambda: True, instance=lambda: framework_)
    monkeypatch.setattr(uploads, "Runtime", running)
    monkeypatch.setattr(uploads, "MB", 10)
    return framework_


def test_files_of_all_pages_count_and_those_of_closed_ones_are_freed(
    framework: Framework, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UPLOADS_MOST_MB", "300")
    settings.cache_clear()
    assert uploads.free_space_of_process() == 3_000
    framework.opened("ruth", 1_000)
    framework.opened("sam", 1_500)
    assert uploads.free_space_of_process() == 500
    del framework.open["sam"]
    assert uploads.free_space_of_process() == 2_000
    assert "sam" not in framework.uploaded_file_mgr.file_storage
    framework.uploaded_file_mgr.remove_file("ruth", "file")
    assert uploads.free_space_of_process() == 3_000
    framework.opened("ruth", 4_000)
    assert uploads.free_space_of_process() == 0


def test_the_screen_is_drawn_again_and_says_why_a_file_was_refused(framework: Framework) -> None:
    ruth = framework.opened("ruth", 1)
    uploads.refuse("nobody's", FULL)
    uploads.refuse("ruth", FULL)
    assert ruth.drawn == ["this page"]

    app = AppTest.from_string("from app.ui.shell import uploads\nuploads.show_refusal()")
    for name, sentence in ruth.session_state.items():
        app.session_state[name] = sentence
    assert [error.value for error in app.run().error] == [FULL]
    assert not app.run().error


def test_one_file_of_the_largest_size_always_fits_into_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UPLOADS_MOST_MB", "200")
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="UPLOADS_MOST_MB"):
        settings()
    assert UPLOAD <= 201 * 1024 * 1024
