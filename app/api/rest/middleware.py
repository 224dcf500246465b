"""Middleware of the JSON API: rate limit, content type, CORS and error responses."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
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
FILES = ("/api/v1/imports", "/api/v1/exchange-rates/file")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = ("authorization", "content-type", "idempotency-key")
RESPONSE_HEADERS = ("location", "retry-after", "idempotent-replayed")


class RestMiddleware:
    """ASGI middleware for all requests of the API."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request and call the routes; return every error as a problem response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # without allowed origins no response has a CORS header
        origins = settings().cors_allowed_origins
        app = self._respond if not origins else _with_cors(self._respond, origins)
        await app(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        # accept paths with and without a trailing slash: a redirect would lose the body
        path = scope["path"].rstrip("/")
        scope = dict(scope) | {"path": path}
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        client = connection.client.host if connection.client else ""
        try:
            refusal = _refusal(scope["method"], path, connection.headers)
            if refusal is None:
                rate_limits.ADDRESSES.take(client)
                with audit.client_address(client or None):
                    await self.app(scope, receive, with_headers)
                return
            response: Response = refusal
        except Exception as error:
            if started:
                raise
            response = answer(error)
        await response(scope, receive, with_headers)


def _with_cors(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        expose_headers=RESPONSE_HEADERS,
        max_age=600,
    )


def _refusal(method: str, path: str, headers: Headers) -> Response | None:
    """Return 415 if the headers announce a body that is not JSON.

    The size of bodies is checked by `app.api.middleware.body_limits`.
    """
    length = headers.get("content-length", "0")
    has_body = length != "0" or "transfer-encoding" in headers
    if path in FILES or method not in WITH_BODY or not has_body:
        return None
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return None if kind == "application/json" else problem(415, NOT_JSON)
