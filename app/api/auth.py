"""The cookie is fetched and dropped here: a script in the page could not make it HttpOnly."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app import accounts
from app.accounts import cookie_name
from app.api import provider
from app.api.cookies import drop_cookie, set_cookie
from app.db import transaction_for_system

# A form on another site cannot send this header without asking us first.
OWN_HEADER = ("x-requested-with", "donorcrm")


async def begin(request: Request) -> Response:
    """Exchange the one-time code for the session's cookie."""
    if not _ours(request):
        return _refused()
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        # no JSON, no UTF-8, a number of thousands of digits, or lists in lists without end
        return _refused()
    code = body.get("code") if isinstance(body, dict) else None
    value = await run_in_threadpool(_collect, str(code))
    if not value:
        return _refused()
    return provider.forget(request, set_cookie(JSONResponse({"ok": True}), value))


async def end(request: Request) -> Response:
    """End the cookie's session and drop it."""
    if not _ours(request):
        return _refused()
    await run_in_threadpool(_end, request.cookies.get(cookie_name(), ""))
    return provider.forget(request, drop_cookie(JSONResponse({"ok": True})))


def _ours(request: Request) -> bool:
    name, value = OWN_HEADER
    return request.headers.get(name) == value


def _collect(code: str) -> str | None:
    with transaction_for_system() as db:
        return accounts.collect(db, code=code, now=datetime.now(UTC))


def _end(cookie: str) -> None:
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        found = accounts.recognise(db, cookie=cookie, now=now, rotate=False)
        if found is not None:
            accounts.end_session(db, session_id=found[0], now=now)


def _refused() -> JSONResponse:
    return JSONResponse({"detail": "This code is wrong, used or too old."}, 403)


routes = [
    Route("/api/v1/auth/session/", begin, methods=["POST"]),
    Route("/api/v1/auth/session/end/", end, methods=["POST"]),
]
