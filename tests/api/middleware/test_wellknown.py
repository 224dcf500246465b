"""What every site is asked for, and 404 where nothing is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.api import KnownPathsMiddleware, SecurityMiddleware, routes
from app.api.middleware import security
from app.api.middleware.wellknown import static_files
from app.kit.errors import ConfigurationError
from app.settings import settings
from app.ui.base.screens import ADDRESSES
from tests.web_client import TestClient

PAGE = "the framework's page"


async def everything(_request: object) -> PlainTextResponse:
    """Answers like the framework: everywhere with its page."""
    return PlainTextResponse(PAGE)


@pytest.fixture
def client(database: URL) -> Iterator[TestClient]:
    security.fixed_headers.cache_clear()
    app = Starlette(
        routes=[*routes, Route("/{path:path}", everything, methods=["GET", "POST", "PUT"])],
        middleware=[
            Middleware(SecurityMiddleware),
            Middleware(KnownPathsMiddleware, pages=ADDRESSES, routes=routes),
        ],
    )
    with TestClient(app, base_url="http://127.0.0.1:8501") as test_client:
        yield test_client
    security.fixed_headers.cache_clear()


@pytest.mark.parametrize("page", sorted(ADDRESSES))
def test_every_page_is_there(client: TestClient, page: str) -> None:
    for path in (f"/{page}", f"/{page}?query=x", f"/{page}/" if page else "/"):
        got = client.get(path)
        assert (got.status_code, got.text) == (200, PAGE), path


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/donors/1",
        "/donors/_stcore/health",
        "/.git/config",
        "/.env",
        "/wp-login.php",
        "/api",
        "/api/v2/donors",
        "/_stcore/nothing",
        "/static/js/nothing.js",
        "/Donors",
        "/app/static/x",
        "/index.php",
        "/.well-known/nothing",
        "/../etc/passwd",
        "/metrics/x",
    ],
)
def test_elsewhere_there_is_nothing(client: TestClient, path: str) -> None:
    got = client.get(path)
    assert got.status_code == 404
    assert PAGE not in got.text
    assert "Page not found" in got.text
    assert got.headers["content-type"].startswith("text/html")
    assert got.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in got.headers["content-security-policy"]


def test_a_program_is_told_in_its_own_way(client: TestClient) -> None:
    got = client.get("/api/v1/nothing")
    assert got.status_code == 404
    assert got.headers["content-type"].startswith("application/problem+json")


def test_the_frameworks_own_files_and_routes_are_there(
    client: TestClient,
) -> None:
    files = static_files()
    assert {"/index.html", "/favicon.png", "/manifest.json"} <= files
    assert any(file.startswith("/static/js/") for file in files)
    for path in (*sorted(files)[:5], "/_stcore/health", "/_stcore/host-config", "/oauth2callback"):
        assert client.get(path).status_code == 200, path
    # known, and then refused for want of a session
    assert client.put("/_stcore/upload_file/a/b").status_code == 401
    assert client.get("/media/0123.csv").status_code == 401


def test_our_own_routes_are_there(client: TestClient) -> None:
    assert client.get("/api/v1/health/").status_code == 200
    assert client.get("/api/v1/docs").status_code == 200
    assert client.get("/metrics").status_code == 404
    assert "Page not found" not in client.get("/metrics").text


def test_a_weakness_is_told_to_whom_the_settings_say(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    monkeypatch.setenv("SECURITY_CONTACT", "security@example.org")
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8501/")
    settings.cache_clear()
    got = client.get("/.well-known/security.txt")
    assert got.status_code == 200
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in got.text.splitlines())
    assert fields.pop("Contact") == "mailto:security@example.org"
    assert fields.pop("Canonical") == "http://127.0.0.1:8501/.well-known/security.txt"
    expires = datetime.strptime(fields.pop("Expires"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)
    assert fields == {"Preferred-Languages": "en"}


@pytest.mark.parametrize(
    ("given", "spelled"),
    [
        ("a@b.example", "mailto:a@b.example"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("https://b.example/security", "https://b.example/security"),
        ("", ""),
    ],
)
def test_a_contact_is_spelled_as_the_standard_has_it(
    monkeypatch: pytest.MonkeyPatch, given: str, spelled: str
) -> None:
    monkeypatch.setenv("SECURITY_CONTACT", given)
    settings.cache_clear()
    assert settings().security_contact == spelled


@pytest.mark.parametrize("given", ["call me", "http://b.example", "https://b.example\nExpires: x"])
def test_what_is_no_contact_is_a_sentence(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SECURITY_CONTACT", given)
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="SECURITY_CONTACT: write it as"):
        settings()


def test_search_engines_and_browsers_get_what_they_ask_for(
    client: TestClient,
) -> None:
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    icon = client.get("/favicon.ico")
    assert icon.headers["content-type"] == "image/svg+xml"
    assert icon.content.startswith(b"<svg")


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1/health/", "/robots.txt"])
def test_other_sites_hold_and_show_nothing_of_ours(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
