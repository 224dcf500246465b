"""Every route of the running server × bodies and values that no route takes: refused, never a 500.

The routes are those of the application and of the framework; a new one is tested as it is added.
"""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock
from urllib.parse import quote

import httpx
import psutil
import pytest
from sqlalchemy import URL
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

from app import accounts
from app.accounts import Actor, cookie_name
from app.api import routes
from app.api.middleware import body_limits
from app.api.rest import api, docs
from app.db import transaction_for_system
from app.settings import ROOT
from tests import database as run
from tests import factories as make

# one worker, so that the server is started once
pytestmark = pytest.mark.xdist_group("bodies")
MB = 1_000_000
JSON = {"content-type": "application/json"}
LARGE = b" " * 5 * MB
DIGITS = "9" * 5_000
JSON_BODIES = {
    "deep": b"[" * 100_000,
    "deep and short": b"[" * 4_000,
    "long number": b'{"id": ' + DIGITS.encode() + b"}",
    "surrogate": b'{"code": "\\ud800", "email": "\\ud800", "password": "\\ud800", "name":'
    b' "\\ud800", "title": "\\ud800", "refresh": "\\ud800", "reason": "\\ud800"}',
    "surrogate as a name": b'{"\\ud800": "\\ud800"}',
    "NUL": b'{"code": "\\u0000", "email": "\\u0000", "password": "\\u0000", "name": "\\u0000",'
    b' "title": "\\u0000", "refresh": "\\u0000", "reason": "\\u0000"}',
    "no UTF-8": b"\xff\xfe\x00",
    "a list": b"[]",
}
VALUES = (
    "a\0b",
    "x" * 400,
    DIGITS,
    "99999999999999999999",
    "0001-01-01",
    "9999-12-31",
    "%ED%A0%80",
)
# what these routes read of an address
ASKED = {
    "/api/v1/files/what-happened.{form}": ("by", "kind", "action", "record", "from", "until"),
    "/api/v1/files/{kind}.{form}": ("column", "query", "since", "before", "owner_id", "tag"),
    "/api/v1/summary": ("of", "on", "as"),
    "/api/v1/find": ("query",),
    "/sign-in/passkey": ("next",),
}
# a page to open afterwards that is none of ours is left out
LEAVES_OUT = {"/sign-in/passkey"}
# without a scheduler; it takes no values
ANSWERS_503 = {"/api/v1/ready/"}
# what is sent there is never read
READS_NONE = {"/api/v1/auth/session/end/"}
PLAIN = {"kind": "gifts", "form": "csv"}


@dataclass(frozen=True)
class Place:
    """A route: its method, its path with names in it, and the names in its query."""

    method: str
    path: str
    query: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return [part.partition("}")[0] for part in self.path.split("{")[1:]]

    def at(self, **values: str) -> str:
        filled = dict.fromkeys(self.names, "1") | PLAIN | values
        return self.path.format(**{name: quote(value, safe="%") for name, value in filled.items()})


def methods_of(route: Any) -> list[str]:
    """Return the methods of a route; HEAD is answered as GET is."""
    return sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD"})


def ours() -> list[Place]:
    result = []
    for route in [*routes[:-1], *docs.router.routes]:
        assert isinstance(route, Route)
        path = route.path if route.path.startswith("/") else f"/{route.path}"
        if route in docs.router.routes:
            path = f"/api/v1{path}"
        path = path.replace(":number", "")
        result += [Place(method, path, ASKED.get(path, ())) for method in methods_of(route)]
    for path, methods in api.openapi()["paths"].items():
        for method, operation in methods.items():
            request = tuple(
                each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"
            )
            full_path = path if path.startswith("/api/v1") else f"/api/v1{path}"
            result.append(Place(method.upper(), full_path, request))
    # the last of all, as it signs out
    return sorted(result, key=lambda one: one.path.endswith("/end/"))


def frameworks() -> list[Place]:
    """Routes of the framework; "{path:path}" is anything."""
    result = []
    for route in create_streamlit_routes(MagicMock()):
        path = getattr(route, "path", "") or "/static/x.js"
        result += [Place(method, path.replace(":path", "")) for method in methods_of(route)]
    return result


@dataclass(frozen=True)
class Server:
    """A running web process, and a signed-in administrator's client for it."""

    http: httpx.Client
    process: psutil.Process

    def ask(self, route: Place, path: str = "", **options: Any) -> httpx.Response:
        return self.http.request(route.method, path or route.at(), **options)


@dataclass(frozen=True)
class Started:
    """The one web process of a module's tests, and an administrator with a token for it."""

    address: str
    process: psutil.Process
    admin: Actor
    token: str


@pytest.fixture(scope="module")
def started(module_database: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with transaction_for_system() as db:
        make.organisation(db)
        admin = make.person(db, "admin")
        donor = make.donor(db, admin, "Mara Vogel")
        make.gift(db, donor, "10", datetime.now(UTC).date())
        access = accounts.issue_tokens(db, user_id=admin.user_id, now=datetime.now(UTC)).access
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("server")
    environment = os.environ | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": address,
        "API_REQUESTS_A_MINUTE": "1000000",
        "DATA_DIR": str(folder / "var"),
        "BOUNCE_TOKEN": access,
        "METRICS_TOKEN": access,
    }
    with (folder / "said").open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
        )
    try:
        with httpx.Client(base_url=address, timeout=180) as http:
            wait_for(http, process, folder / "said")
        yield Started(address, psutil.Process(process.pid), admin, access)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def server(started: Started, module_database: URL) -> Iterator[Server]:
    """A session of its own for every test: one of them signs out."""
    run.use(module_database)
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        _session, code = accounts.open_session(db, user_id=started.admin.user_id, now=now)
        cookie = accounts.redeem_code(db, code=code, now=now)
    run.use(run.NOWHERE)
    headers = {"authorization": f"Bearer {started.token}", "x-requested-with": "donorcrm"}
    with httpx.Client(
        base_url=started.address,
        headers=headers,
        cookies={cookie_name(): str(cookie)},
        timeout=180,
    ) as http:
        for signed_in in ("/api/v1/files/gifts.csv", "/api/v1/donors", "/metrics"):
            assert http.get(signed_in).status_code == 200, signed_in
        yield Server(http, started.process)


def wait_for(http: httpx.Client, started: Any, message: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        assert started.poll() is None, message.read_text()
        try:
            if http.get("/api/v1/health/").status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, message.read_text()
            time.sleep(0.3)


def plain_client(server: Server) -> http.client.HTTPConnection:
    """Open a client that takes a fifth of the time of httpx, for thousands of requests."""
    address = server.http.base_url
    return http.client.HTTPConnection(address.host, address.port, timeout=180)


def status_of(
    client: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str]
) -> int:
    """Return the status of a request, and 599 if the server closes the connection twice."""
    # the first time it may have been silent for too long
    for _ in range(2):
        try:
            client.request(method, path, headers=headers)
            with client.getresponse() as response:
                response.read()
                return response.status
        except ConnectionError:
            client.close()
    return 599


def pieces(size: int, piece: bytes = b" " * 65_536) -> Iterator[bytes]:
    for _ in range(size // len(piece)):
        yield piece


def sent(server: Server, route: Place, content: Any, **options: Any) -> int:
    """Return the status of a body; a connection that the server closes early is a refusal."""
    try:
        return server.ask(route, content=content, **options).status_code
    except (httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        return 413


# the first of all, with a process that has done nothing yet
def test_a_body_does_not_stay_in_memory(server: Server) -> None:
    hand_over = Place("POST", "/api/v1/auth/session/")
    sent(server, hand_over, b"{}")
    before = server.process.memory_info().rss
    peak = before
    for route in (
        hand_over,
        Place("POST", "/api/v1/auth/token"),
        Place("GET", "/metrics"),
        Place("POST", "/api/v1/mail/bounces"),
        Place("POST", "/nothing"),
    ):
        assert sent(server, route, pieces(100 * MB), headers=JSON) < 500
        peak = max(peak, server.process.memory_info().rss)
    assert peak - before < 30 * MB
    assert server.http.get("/api/v1/health/").status_code == 200


def test_no_route_takes_a_body_above_its_limit_or_fails_at_one(server: Server) -> None:
    wrong: list[object] = []
    for route in [*frameworks(), *ours()]:
        if route.path in ANSWERS_503:
            continue
        takes = body_limits.limit_of(route.method, route.at())
        assert takes <= body_limits.UPLOAD
        status = sent(server, route, LARGE, headers=JSON)
        if not 400 <= status < 500 or (takes < len(LARGE) and status not in {401, 403, 404, 413}):
            wrong.append(("5 MB", route, status))
        if route.method not in body_limits.WITH_BODY:
            continue
        status = sent(server, route, pieces(5 * MB), headers=JSON)
        if status >= 500 or (status < 400 and route.path not in READS_NONE):
            wrong.append(("5 MB in pieces", route, status))
        for name, body in JSON_BODIES.items():
            status = sent(server, route, body, headers=JSON)
            if status >= 500:
                wrong.append((name, route, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_no_value_of_an_address_makes_a_route_fail(server: Server) -> None:
    wrong = []
    client = plain_client(server)
    cookies = "; ".join(f"{name}={value}" for name, value in server.http.cookies.items())
    headers = {**server.http.headers, "cookie": cookies}
    for route in [*ours(), *frameworks()]:
        for value in VALUES:
            paths = [route.at(**{name: value}) for name in route.names]
            paths += [f"{route.at()}?{name}={quote(value, safe='%')}" for name in route.query]
            for path in paths:
                status = status_of(client, route.method, path, headers)
                taken = "\0" in value and "?" in path and route.path not in LEAVES_OUT
                if status >= 500 or (taken and status < 400):
                    wrong.append((status, route.method, path[:120]))
    client.close()
    assert not wrong, "\n".join(map(str, wrong))


# routes that read no body: of ours, of the framework, a refusal before any route, no route at all
READS_NO_BODY = (
    "POST /api/v1/auth/session/end/",
    "GET /robots.txt",
    "GET /_stcore/health",
    "GET /media/x",
    "PUT /_stcore/upload_file/a/b",
    "POST /nothing",
)


@pytest.mark.parametrize("head", ["transfer-encoding: chunked", "content-length: 4000"])
def test_a_body_that_is_not_read_keeps_no_connection_open(server: Server, head: str) -> None:
    # at once, as each of them waits for the server to close it
    with ThreadPoolExecutor(len(READS_NO_BODY)) as pool:
        answers = list(pool.map(lambda request: read_slowly(server, request, head), READS_NO_BODY))
    for request, answer in zip(READS_NO_BODY, answers, strict=True):
        assert answer.startswith(b"HTTP/1.1 "), request
        assert b"connection: close" in answer, request


def read_slowly(server: Server, request: str, head: str) -> bytes:
    """Send a body that never ends, and return the answer once the server closes the connection."""
    with begun(server, request, head) as connection:
        answer, ended = b"", time.monotonic() + 10
        while True:
            assert time.monotonic() < ended, (request, answer)
            try:
                # far slower than a body comes, and faster than a silent connection is closed
                connection.sendall(b"1\r\nx\r\n")
                piece = connection.recv(65_536)
            except TimeoutError:
                continue
            except ConnectionError:
                return answer
            if not piece:
                return answer
            answer += piece


def test_a_small_body_that_is_not_read_leaves_the_connection_open(server: Server) -> None:
    for request in READS_NO_BODY:
        with begun(server, request, "content-length: 2") as connection:
            # it comes after its head
            time.sleep(0.2)
            connection.sendall(b"{}")
            connection.settimeout(10)
            assert b"connection: close" not in connection.recv(65_536)
            connection.sendall(b"GET /api/v1/health/ HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            rest = b""
            while b'"database"' not in rest:
                piece = connection.recv(65_536)
                assert piece, (request, rest)
                rest += piece


def begun(server: Server, request: str, head: str) -> socket.socket:
    """Send the head of a request without signing in."""
    address = server.http.base_url
    connection = socket.create_connection((address.host, address.port or 80), timeout=0.4)
    head = f"{request} HTTP/1.1\r\nhost: {address.netloc.decode()}\r\n{head}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def test_no_file_is_uploaded_to_a_tab_without_a_session(server: Server) -> None:
    for size in (10, 3 * MB):
        answer = server.http.put(
            "/_stcore/upload_file/some-session/some-file", files={"file": b"x" * size}
        )
        assert answer.status_code == 403
        assert answer.json()["detail"] == "Load the page again, then upload."


def test_the_tables_are_whole() -> None:
    result = {(route.method, route.path) for route in [*ours(), *frameworks()]}
    assert {
        ("POST", "/api/v1/auth/session/"),
        ("POST", "/api/v1/mail/{token}"),
        ("PATCH", "/api/v1/donors/{id}"),
        ("GET", "/api/v1/summary"),
        ("PUT", "/_stcore/upload_file/{session_id}/{file_id}"),
    } <= result
    for path in ASKED:
        assert ("GET", path) in result


def test_no_route_reads_of_an_address_what_is_not_asked_above() -> None:
    """The API's own values are in its description; those of other routes are read by hand."""
    asked = {
        (route.endpoint.__module__, name)
        for route in routes[:-1]
        if isinstance(route, Route)
        for name in ASKED.get(route.path, ())
    }
    modules = {module for module, _name in asked}
    folder = ROOT / "app" / "api"
    for file in sorted([*folder.glob("*.py"), *folder.glob("signed_in/*.py")]):
        source = file.read_text()
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if "query_params" in source or "query_string" in source:
            assert module in modules, module
        for name in re.findall(r"""(?<!path_)params(?:\.get\(|\[)["'](\w+)""", source):
            assert (module, name) in asked, (module, name)


def test_no_route_is_left_out_of_the_description_of_the_api() -> None:
    hidden = [
        file.name
        for file in (ROOT / "app" / "api" / "rest").rglob("*.py")
        if "include_in_schema" in file.read_text()
    ]
    assert hidden == ["docs.py"], "these are among the routes above"
