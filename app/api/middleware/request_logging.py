"""Request log and metrics, by route template and never by URL."""

import re
import time
from contextlib import nullcontext

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.observability import observe_request, report, traced

log = structlog.get_logger("app.requests")
OTHER = "other"
FAILED, NOT_FOUND = 500, 404
# a plain word, or the names of path parameters
WORD = re.compile(r"[a-z-]{0,24}|v1|(\{\w+\}\.?)+")
GIVEN = "{…}"
# requested every few seconds by machines: counted, but not logged
QUIET = frozenset({"/api/v1/health/", "/api/v1/ready/", "/metrics", "/_stcore/health"})
OURS = ("/api/", "/metrics", "/sign-in/", "/account/")


class RequestLoggingMiddleware:
    """ASGI middleware that logs and counts requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app, then log and count the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, status, began = scope["path"], FAILED, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        ours = path.startswith(OURS) and path not in QUIET
        with traced("route", OTHER) if ours else nullcontext() as trace:
            try:
                await self.app(scope, receive, noting)
            except Exception as error:
                report(error, where="route")
                raise
            finally:
                # the route is known only after routing
                route = template(path, scope.get("path_params") or {}, status)
                if trace is not None:
                    trace.name = f"{scope['method']} {route}"
                _log_request(
                    scope["method"], route, status, time.perf_counter() - began, write=ours
                )


def _log_request(method: str, route: str, status: int, seconds: float, *, write: bool) -> None:
    observe_request(method, route, status, seconds)
    if write:
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def template(path: str, parameters: dict[str, object], status: int) -> str:
    """Return a path with its parameters replaced by their names; "other" outside of our routes.

    Other parts that are not plain words are replaced by {…}: they are parameters of a request that
    was refused before routing.
    """
    if path in QUIET:
        return path
    if not path.startswith(OURS) or status == NOT_FOUND:
        return OTHER
    parts = path.split("/")
    for name, value in parameters.items():
        parts = [part.replace(str(value), f"{{{name}}}") if value else part for part in parts]
    return "/".join(part if WORD.fullmatch(part) else GIVEN for part in parts)
