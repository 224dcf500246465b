"""The wall before every request: headers, fresh cookies, and no anonymous uploads or downloads."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import accounts
from app.api.cookies import cookie_name, set_cookie
from app.db import transaction
from app.settings import settings

# The framework takes anonymous uploads into memory and serves media to whoever has the address.
GATED = ("/_stcore/upload_file", "/media/")
NO_DOCUMENT = ("/_stcore", "/static", "/api", "/media", "/component")


class Walls:
    """ASGI middleware around the screens and the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        path = connection.url.path
        cookie = connection.cookies.get(cookie_name(), "")
        fresh = None
        if path.startswith(GATED):
            if await run_in_threadpool(_recognise, cookie, False) is None:
                await JSONResponse({"detail": "Please sign in."}, 401)(scope, receive, send)
                return
        elif cookie and scope["method"] == "GET" and not path.startswith(NO_DOCUMENT):
            found = await run_in_threadpool(_recognise, cookie, True)
            fresh = found[1] if found else None

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), fresh)
            await send(message)

        await self.app(scope, receive, with_headers)


def _recognise(cookie: str, rotate: bool) -> tuple[str, str | None] | None:  # noqa: FBT001
    if not cookie:
        return None
    with transaction() as db:
        return accounts.recognise(db, cookie=cookie, now=datetime.now(UTC), rotate=rotate)


def _add_headers(headers: MutableHeaders, fresh: str | None) -> None:
    for name, value in _fixed_headers().items():
        headers[name] = value
    if fresh is not None:
        carrier = set_cookie(JSONResponse({}), fresh)
        headers.append("set-cookie", carrier.headers["set-cookie"])


@cache
def _fixed_headers() -> dict[str, str]:
    headers = {
        "content-security-policy": _policy(),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings().secure:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


def _policy() -> str:
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' blob: {' '.join(_inline_scripts())}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _inline_scripts() -> list[str]:
    """Return the hashes of the scripts inside the framework's own index page."""
    spec = find_spec("streamlit")
    folder = Path((spec and spec.origin) or "").parent
    page = (folder / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    digests = [hashlib.sha256(script.encode()).digest() for script in scripts]
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
