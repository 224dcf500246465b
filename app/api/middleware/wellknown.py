"""Well-known files (security.txt, robots.txt, favicon.ico), and 404 for unknown paths."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.settings import ROOT, settings

ICON = ROOT / "app" / "ui" / "assets" / "icon.svg"
A_DAY = {"cache-control": "public, max-age=86400"}
# RFC 9116 recommends less than a year; the file is generated at every request
EXPIRES_AFTER = timedelta(days=180)

# Streamlit's own paths. It answers every other path with its index page, even unknown ones.
FRAMEWORK = frozenset(
    {
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/metrics",
        "/auth/login",
        "/auth/logout",
        "/oauth2callback",
    }
)
FRAMEWORK_BELOW = (
    "/_stcore/agent/",
    "/_stcore/bidi-components/",
    "/_stcore/upload_file/",
    "/component/",
    "/media/",
)


async def security_txt(_request: Request) -> Response:
    """Return security.txt with the security contact (RFC 9116); 404 without SECURITY_CONTACT."""
    contact = settings().security_contact
    if not contact:
        return not_found()
    day = datetime.now(UTC).date() + EXPIRES_AFTER
    expires = datetime.combine(day, time(), UTC)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings().public_url}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join([*lines, ""]), headers=A_DAY)


async def robots_txt(_request: Request) -> Response:
    """Return a robots.txt that disallows everything."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n", headers=A_DAY)


async def favicon(_request: Request) -> Response:
    """Return the icon for browsers that request /favicon.ico by default."""
    return FileResponse(ICON, media_type="image/svg+xml", headers=A_DAY)


routes = [
    Route("/.well-known/security.txt", security_txt),
    Route("/robots.txt", robots_txt),
    Route("/favicon.ico", favicon),
]


class KnownPathsMiddleware:
    """ASGI middleware that returns 404 for a path without a page, route or file.

    `pages` are the paths of the screens ("" is the first one), `routes` the routes beside them.
    """

    def __init__(
        self, app: ASGIApp, *, pages: Collection[str], routes: Collection[BaseRoute]
    ) -> None:
        self.app = app
        self.pages = frozenset(f"/{page}" for page in pages)
        self.routes = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app for known paths; return 404 for others."""
        if scope["type"] != "http" or self._is_known(scope):
            await self.app(scope, receive, send)
        else:
            await not_found()(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        path: str = scope["path"]
        # Streamlit ignores a trailing slash in the URL of a page
        return (
            (path.rstrip("/") or "/") in self.pages
            or path in FRAMEWORK
            or path.startswith(FRAMEWORK_BELOW)
            or path in static_files()
            or any(route.matches(scope)[0] is not Match.NONE for route in self.routes)
        )


def not_found() -> Response:
    """Return the "not found" page."""
    return HTMLResponse(_not_found(), 404, headers={"cache-control": "no-store"})


@cache
def _not_found() -> str:
    pages = Environment(
        loader=FileSystemLoader(ROOT / "templates" / "pages"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
    )
    return pages.get_template("not_found.html").render()


@cache
def static_files() -> frozenset[str]:
    """Return the paths of Streamlit's static files."""
    spec = find_spec("streamlit")
    folder = Path((spec and spec.origin) or "").parent / "static"
    files = (path for path in folder.rglob("*") if path.is_file())
    return frozenset(f"/{path.relative_to(folder).as_posix()}" for path in files)
