"""Middleware of the JSON API: rate limit, content type, CORS and error responses."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import audit
from app.api.rest import rate_limits
from app.api.rest.problems import answer, problem
from app.settings import settings

NOT_JSON = "Send the body as application/json."
WITH_BODY = ("POST", "PATCH")
# the bodies of these paths are files, with a size limit of their own
FILES = ("/api/v1/imports",)
METHODS = "GET, POST, PATCH"
SENT = "authorization, content-type, idempotency-key"
SHOWN = "location, retry-after, idempotent-replayed"


class RestMiddleware:
    """ASGI middleware for all requests of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request and call the routes; return every error as a problem response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        # accept paths with and without a trailing slash: a redirect would lose the body
        path = scope["path"].rstrip("/")
        scope = dict(scope) | {"path": path}
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(MutableHeaders(scope=message), connection)
            await send(message)

        app: ASGIApp = self.app
        client = connection.client.host if connection.client else ""
        try:
            refusal = _preflight(connection) or _refusal(scope["method"], path, connection.headers)
            if refusal is None:
                rate_limits.ADDRESSES.take(client)
                with audit.client_address(client or None):
                    await app(scope, receive, with_headers)
                return
            response: Response = refusal
        except Exception as error:
            if started:
                raise
            response = answer(error)
        await response(scope, receive, with_headers)


def _refusal(method: str, path: str, headers: Headers) -> Response | None:
    """Return 415 if the headers announce a body that is not JSON.

    The size of bodies is checked by `app.api.body_limits`.
    """
    length = headers.get("content-length", "0")
    has_body = length != "0" or "transfer-encoding" in headers
    if path in FILES or method not in WITH_BODY or not has_body:
        return None
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return None if kind == "application/json" else problem(415, NOT_JSON)


def _allowed_origin(connection: HTTPConnection) -> str | None:
    origin = connection.headers.get("origin")
    return origin if origin in settings().cors_allowed_origins else None


def _preflight(connection: HTTPConnection) -> Response | None:
    """Return the response to a CORS preflight request from an allowed origin, else None."""
    asks = "access-control-request-method" in connection.headers
    if connection.scope["method"] != "OPTIONS" or not asks or not _allowed_origin(connection):
        return None
    allowed = {
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": SENT,
        "access-control-max-age": "600",
    }
    return Response(status_code=204, headers=allowed)


def _add_headers(headers: MutableHeaders, connection: HTTPConnection) -> None:
    headers["cache-control"] = "no-store"
    if settings().cors_allowed_origins:
        headers.add_vary_header("origin")
    origin = _allowed_origin(connection)
    if origin is not None:
        headers["access-control-allow-origin"] = origin
        headers["access-control-expose-headers"] = SHOWN
