"""Routes that set and delete the session and device cookies: a script cannot set HttpOnly ones."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app import accounts
from app.accounts import cookie_name, device_cookie_name
from app.api import provider
from app.api.cookies import drop_cookie, set_cookie, set_device_cookie
from app.db import transaction_for_system

# CSRF protection: a page of another site cannot send this header without a CORS preflight
OWN_HEADER = ("x-requested-with", "donorcrm")


async def begin(request: Request) -> Response:
    """Exchange a one-time code for the session cookie, and register the device as known."""
    code = await _code(request)
    sign_in = await run_in_threadpool(_collect, code, _device(request)) if code else None
    if not sign_in:
        return _refused()
    session, device = sign_in
    response = set_cookie(JSONResponse({"ok": True}), session)
    return provider.forget(request, set_device_cookie(response, device))


async def know(request: Request) -> Response:
    """Exchange the code of a password reset for the device cookie."""
    code = await _code(request)
    value = await run_in_threadpool(_collect_device, code, _device(request)) if code else None
    return set_device_cookie(JSONResponse({"ok": True}), value) if value else _refused()


async def end(request: Request) -> Response:
    """End the session of the cookie and delete the cookie."""
    if not _ours(request):
        return _refused()
    await run_in_threadpool(_end, request.cookies.get(cookie_name(), ""))
    return provider.forget(request, drop_cookie(JSONResponse({"ok": True})))


def _ours(request: Request) -> bool:
    name, value = OWN_HEADER
    return request.headers.get(name) == value


async def _code(request: Request) -> str:
    """Return the code in the body of a request from our own page; "" for any other request."""
    if not _ours(request):
        return ""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        # not JSON, not UTF-8, a number of thousands of digits, or lists nested too deeply
        return ""
    return str(body.get("code") or "") if isinstance(body, dict) else ""


def _device(request: Request) -> str:
    return request.cookies.get(device_cookie_name(), "")


def _collect(code: str, device: str) -> tuple[str, str] | None:
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        session = accounts.redeem_code(db, code=code, now=now)
        session_id = (session or "").partition(".")[0]
        device_cookie = accounts.remember_device(db, session_id=session_id, cookie=device, now=now)
        return (session, device_cookie) if session and device_cookie else None


def _collect_device(code: str, device: str) -> str | None:
    with transaction_for_system() as db:
        return accounts.redeem_device_code(db, code=code, cookie=device, now=datetime.now(UTC))


def _end(cookie: str) -> None:
    now = datetime.now(UTC)
    with transaction_for_system() as db:
        session = accounts.identify(db, cookie=cookie, now=now, rotate=False)
        if session is not None:
            accounts.end_session(db, session_id=session[0], now=now)


def _refused() -> JSONResponse:
    return JSONResponse({"detail": "This code is wrong, used or too old."}, 403)


routes = [
    Route("/api/v1/auth/session/", begin, methods=["POST"]),
    Route("/api/v1/auth/device/", know, methods=["POST"]),
    Route("/api/v1/auth/session/end/", end, methods=["POST"]),
]
