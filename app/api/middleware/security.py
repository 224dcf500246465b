"""Security middleware: headers, cookie rotation, and no anonymous uploads or media downloads."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import accounts
from app.accounts import cookie_name
from app.api.cookies import set_cookie
from app.db import transaction_for_system
from app.db.errors import DatabaseError
from app.kit.errors import DonorCrmError
from app.settings import settings

# Streamlit serves media to every client that knows the URL, and accepts uploads for any open tab.
MEDIA, UPLOADS = "/media/", "/_stcore/upload_file"
# Streamlit's own cookie, which a browser has before sign-in
BROWSER = "_streamlit_xsrf"
PROTOCOLS = b"sec-websocket-protocol"
# Streamlit's metrics are not public: they show the numbers of sessions and the memory.
CLOSED = ("/_stcore/metrics",)
# Exempt from the host check: load balancers and containers use their own address as the host.
PROBED = "/api/v1/health/"
NO_DOCUMENT = ("/_stcore", "/static", "/api", "/media", "/component")


class SecurityMiddleware:
    """ASGI middleware with the security checks of the screens and the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the host and the request, then call the app."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        allowed = settings().allowed_hosts
        if allowed and scope["path"] != PROBED:
            app = TrustedHostMiddleware(self._checked, allowed, www_redirect=False)
            await app(scope, receive, send)
        else:
            await self._checked(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request for an allowed host."""
        connection = HTTPConnection(scope)
        if scope["type"] == "http":
            await self._http(connection, receive, send)
        else:
            await self._websocket(connection, receive, send)

    async def _websocket(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        """Accept a websocket from our own page, and only for a tab of its own session.

        A browser on our own page is accepted without a session, because the sign-in form uses the
        websocket too; a program without an Origin header is accepted only with a session cookie.
        """
        scope, origin = connection.scope, connection.headers.get("origin")
        session_id = await _session_of(connection)
        tab = _named_tab(connection)
        ours = _own_origin(connection, origin) if origin is not None else session_id is not None
        if tab and not _is_own(connection, tab, session_id):
            # the tab of another session is refused; one that is no longer in use becomes a new tab
            ours = ours and not await run_in_threadpool(_is_taken, tab)
            scope = dict(scope) | {"headers": _without_tab(scope["headers"])}
        if ours:
            await self.app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        scope, path = connection.scope, connection.scope["path"]
        cookie = connection.cookies.get(cookie_name(), "")
        fresh: str | None = None

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), fresh)
            await send(message)

        app: ASGIApp = self.app
        if path.startswith(CLOSED):
            app = JSONResponse({"detail": "Not found."}, 404)
        elif path.startswith((MEDIA, UPLOADS)):
            session_id = await _session_of(connection, may_act=True)
            tab = path.removeprefix(UPLOADS).strip("/").partition("/")[0]
            if session_id is None:
                app = JSONResponse({"detail": "Please sign in."}, 401)
            elif path.startswith(UPLOADS) and not _is_own(connection, tab, session_id):
                app = JSONResponse({"detail": "Load the page again, then upload."}, 403)
        elif cookie and scope["method"] == "GET" and not path.startswith(NO_DOCUMENT):
            identity = await run_in_threadpool(_recognise, cookie, True)
            fresh = identity[1] if identity else None
        await app(scope, receive, with_headers)


async def _session_of(connection: HTTPConnection, *, may_act: bool = False) -> str | None:
    """Return the id of the cookie's session, or None when it is not valid.

    With `may_act`, also return None for a session that may only set up two-factor authentication.
    """
    cookie = connection.cookies.get(cookie_name(), "")
    if may_act:
        return await run_in_threadpool(_acting_session, cookie)
    identity = await run_in_threadpool(_recognise, cookie, False)
    return identity[0] if identity else None


def _acting_session(cookie: str) -> str | None:
    if not cookie:
        return None
    now = datetime.now(UTC)
    try:
        with transaction_for_system() as db:
            identity = accounts.identify(db, cookie=cookie, now=now, rotate=False)
            actor = (
                accounts.session_actor(db, session_id=identity[0], now=now) if identity else None
            )
    except (DonorCrmError, DatabaseError):
        return None
    return identity[0] if identity and actor is not None and not actor.must_set_up else None


def _named_tab(connection: HTTPConnection) -> str:
    """Return the tab a websocket wants to resume; Streamlit sends it as a subprotocol."""
    named = connection.headers.get("sec-websocket-protocol", "").split(",")
    return named[2].strip() if len(named) > 2 else ""  # noqa: PLR2004


def _is_taken(tab: str) -> bool:
    try:
        with transaction_for_system() as db:
            return accounts.is_taken_tab(db, tab, now=datetime.now(UTC))
    except (DonorCrmError, DatabaseError):
        return True


def _without_tab(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [
        (name, b",".join(value.split(b",")[:2]) if name == PROTOCOLS else value)
        for name, value in headers
    ]


def _is_own(connection: HTTPConnection, tab: str, session_id: str | None) -> bool:
    browser = connection.cookies.get(BROWSER, "")
    return accounts.is_own_tab(tab, session_id=session_id, browser=browser)


def _own_origin(connection: HTTPConnection, origin: str) -> bool:
    scheme, netloc, *_ = urlsplit(origin)
    own = {connection.headers.get("host"), urlsplit(settings().public_url).netloc}
    # a page that came without TLS may be anybody's
    return netloc in own and (scheme == "https" or not settings().secure)


def _recognise(cookie: str, rotate: bool) -> tuple[str, str | None] | None:  # noqa: FBT001
    if not cookie:
        return None
    try:
        with transaction_for_system() as db:
            return accounts.identify(db, cookie=cookie, now=datetime.now(UTC), rotate=rotate)
    except (DonorCrmError, DatabaseError):
        # the page still loads, and shows that the database is not available
        return None


def _add_headers(headers: MutableHeaders, fresh: str | None) -> None:
    for name, value in fixed_headers().items():
        headers[name] = value
    if fresh is not None:
        carrier = set_cookie(JSONResponse({}), fresh)
        headers.append("set-cookie", carrier.headers["set-cookie"])


@cache
def fixed_headers() -> dict[str, str]:
    """Return the headers of every response; they follow from the settings alone."""
    headers = {
        "content-security-policy": content_security_policy(),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        # other sites cannot access our windows or embed our responses
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings().secure:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


def content_security_policy() -> str:
    """Return the Content-Security-Policy, with the reason for each exception from 'self'."""
    return "; ".join(
        [
            "default-src 'self'",
            # wasm: Streamlit's protobuf decodes 64-bit numbers with it at the start of a page.
            # blob: it imports the script of an inline component, such as that of the sign-in
            # cookie, from a URL that only a script that is already allowed can create.
            # The hashes are those of the scripts inside its index page.
            " ".join(["script-src 'self' 'wasm-unsafe-eval' blob:", *inline_script_hashes()]),
            # Streamlit writes styles into the page while rendering
            "style-src 'self' 'unsafe-inline'",
            # the logo and the icon of the tab
            "img-src 'self' data:",
            # a font for formulas in Streamlit's style sheet, which is loaded on every page
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def inline_script_hashes() -> list[str]:
    """Return the hashes of the inline scripts in Streamlit's index page."""
    spec = find_spec("streamlit")
    folder = Path((spec and spec.origin) or "").parent
    page = (folder / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
