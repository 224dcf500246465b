"""Files that browsers, crawlers and security researchers ask every site for; 404 for the rest."""

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
# RFC 9116 asks for less than a year; the file is made anew at every request
EXPIRES_AFTER = timedelta(days=180)

# The framework answers every other path with its page, also where nothing is.
FRAMEWORK = frozenset(
    {
        "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/auth/login",
        "/auth/logout", "/oauth2callback",
    }
)  # fmt: skip
FRAMEWORK_BELOW = (
    "/_stcore/agent/", "/_stcore/bidi-components/", "/_stcore/upload_file/", "/component/",
    "/media/",
)  # fmt: skip


async def security_txt(_request: Request) -> Response:
    """Return whom to tell about a weakness (RFC 9116), where SECURITY_CONTACT is set."""
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
    """Ask search engines to read nothing."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n", headers=A_DAY)


async def favicon(_request: Request) -> Response:
    """Return the icon to browsers that ask without reading the page."""
    return FileResponse(ICON, media_type="image/svg+xml", headers=A_DAY)


routes = [
    Route("/.well-known/security.txt", security_txt),
    Route("/robots.txt", robots_txt),
    Route("/favicon.ico", favicon),
]


class KnownPaths:
    """ASGI middleware that answers 404 where there is no page, route or file.

    `pages` are the addresses of the screens ("" is the first one), `routes` those beside them.
    """

    def __init__(
        self, app: ASGIApp, *, pages: Collection[str], routes: Collection[BaseRoute]
    ) -> None:
        self.app = app
        self.pages = frozenset(f"/{page}" for page in pages)
        self.routes = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is known."""
        if scope["type"] != "http" or self._is_known(scope):
            await self.app(scope, receive, send)
        else:
            await not_found()(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        path: str = scope["path"]
        # the framework takes one slash too many off a page's address
        return (
            (path.rstrip("/") or "/") in self.pages
            or path in FRAMEWORK
            or path.startswith(FRAMEWORK_BELOW)
            or path in static_files()
            or any(route.matches(scope)[0] is not Match.NONE for route in self.routes)
        )


def not_found() -> Response:
    """Return the page that says that there is none."""
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
    """Return the addresses of the framework's own files."""
    spec = find_spec("streamlit")
    folder = Path((spec and spec.origin) or "").parent / "static"
    files = (path for path in folder.rglob("*") if path.is_file())
    return frozenset(f"/{path.relative_to(folder).as_posix()}" for path in files)
