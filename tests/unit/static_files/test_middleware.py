"""Static files over HTTP: encodings, caches, parts of files, and paths that name no file."""

import gzip
from pathlib import Path

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.static_files import CompressedFiles, StaticFilesMiddleware, store
from tests.unit.static_files.conftest import PICTURE, SCRIPT
from tests.web_client import TestClient

JS, PNG = "/static/js/app.AbCd1234.js", "/static/media/dot.EfGh5678.png"
FONT = "/static/media/SourceSansVF-Upright.ttf.IjKl9012.woff2"
PASSED_ON = "the app: "


async def passed_on(request: Request) -> Response:
    return PlainTextResponse(PASSED_ON + request.url.path * 300)


def client_of(files: CompressedFiles) -> TestClient:
    app = Starlette(
        routes=[Route("/{path:path}", passed_on, methods=["GET", "POST"])],
        middleware=[Middleware(StaticFilesMiddleware, files=files)],
    )
    return TestClient(app, headers={"accept-encoding": "gzip, br"})


@pytest.fixture
def files(small_framework: Path, tmp_path: Path) -> CompressedFiles:
    made = CompressedFiles()
    made.folder = store.make(tmp_path / "cache")
    # beside the folder, where no path may lead
    (tmp_path / "cache" / "secret.js").write_text("secret")
    return made


@pytest.fixture
def client(files: CompressedFiles) -> TestClient:
    return client_of(files)


def raw(client: TestClient, path: str, encodings: str) -> tuple[str | None, bytes]:
    with client.stream("GET", path, headers={"accept-encoding": encodings}) as response:
        assert response.status_code == 200
        content = b"".join(response.iter_raw())
        assert response.headers["content-length"] == str(len(content))
        return response.headers.get("content-encoding"), content


@pytest.mark.parametrize(
    ("encodings", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("zstd", None),
        ("identity", None),
        ("", None),
        ("br;q=0, gzip;q=0", None),
    ],
)
def test_the_encoding_the_browser_takes(
    client: TestClient, encodings: str, encoding: str | None
) -> None:
    named, content = raw(client, JS, encodings)
    assert named == encoding
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert decode(content) == SCRIPT


def test_the_headers_of_a_script(client: TestClient) -> None:
    headers = client.get(JS).headers
    assert headers["content-type"].startswith("text/javascript")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["vary"] == "Accept-Encoding"
    assert headers["etag"].startswith('W/"')
    assert "access-control-allow-origin" not in headers
    assert "set-cookie" not in headers


def test_a_picture_is_not_compressed_again(client: TestClient) -> None:
    assert raw(client, PNG, "gzip, br") == (None, PICTURE)
    assert client.get(PNG).headers["content-type"] == "image/png"


def test_a_replaced_font_is_asked_for_again(client: TestClient) -> None:
    response = client.get(FONT)
    assert response.headers["content-type"] == "font/woff2"
    assert response.headers["cache-control"] == "no-cache"
    again = client.get(FONT, headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(FONT, headers={"if-none-match": 'W/"older"'}).status_code == 200


def test_head_has_the_headers_alone(client: TestClient) -> None:
    whole, head = client.get(JS), client.head(JS)
    assert head.content == b""
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert head.headers["content-encoding"] == "br"


@pytest.mark.parametrize(
    "part", ["bytes=0-9", "bytes=-5", "bytes=99999999-", "bytes=0-1,5-6", "x"]
)
def test_a_part_of_a_file_is_answered_with_all_of_it(client: TestClient, part: str) -> None:
    """A part of the compressed file would fit no other one; RFC 9110 lets a server ignore it."""
    response = client.get(JS, headers={"range": part, "if-range": 'W/"x"'})
    assert response.status_code == 200
    assert response.content == SCRIPT
    assert "content-range" not in response.headers


def test_a_file_cannot_be_posted_to(client: TestClient) -> None:
    assert client.post(JS, content=b"x").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secret.js",
        "/static/%2e%2e/secret.js",
        "/static/js/..%2f..%2f..%2fsecret.js",
        "/static/js/%2e%2e%5c..%5csecret.js",
        "/static//etc/passwd",
        "/static/js/app.AbCd1234.js/",
        "/static/js/app.AbCd1234.js%00.png",
        "/static/js/",
        "/static/js/app.AbCd1234.js.br",
        "/static/js/app.AbCd1234.js.gz",
        "/static/JS/app.AbCd1234.js",
        "/static/\u0142",
        "/api/v1/donors/",
        "/",
    ],
)
def test_every_other_path_is_passed_on_uncompressed(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.text.startswith(PASSED_ON)
    assert "content-encoding" not in response.headers
    assert "etag" not in response.headers


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.sampled_from(["..", ".", "js", "media", "secret.js", "/", "\\", "%2e", "~", ""]))
)
def test_no_path_leads_out_of_the_folder(client: TestClient, parts: list[str]) -> None:
    response = client.get("/static/" + "/".join(parts))
    assert response.text.startswith(PASSED_ON)


def test_until_the_files_are_made_the_framework_answers(
    small_framework: Path, tmp_path: Path
) -> None:
    files = CompressedFiles()
    client = client_of(files)
    assert client.get(JS).text.startswith(PASSED_ON)
    files.make(tmp_path)
    assert client.get(JS).content == SCRIPT


@pytest.mark.usefixtures("small_framework")
def test_without_a_place_to_write_to_files_stay_uncompressed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    files = CompressedFiles()
    files.make(tmp_path / "file")
    assert files.folder is None
    assert client_of(files).get(JS).text.startswith(PASSED_ON)


@pytest.mark.usefixtures("small_framework")
def test_the_first_start_makes_the_files_and_the_second_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "in_environment", lambda: tmp_path / "environment")
    first, second = CompressedFiles(), CompressedFiles()
    first.prepare(tmp_path / "data")
    assert first.thread is not None
    first.thread.join(30)
    assert first.folder is not None
    assert first.folder.parent == tmp_path / "data"
    second.prepare(tmp_path / "data")
    assert (second.folder, second.thread) == (first.folder, None)
    # what an installation has made comes first
    made = store.make(tmp_path / "environment")
    second.prepare(tmp_path / "data")
    assert second.folder == made
