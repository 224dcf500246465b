"""Pages and routes for passkeys: signing in with one, and adding one to the own account.

Streamlit cannot call the browser's WebAuthn functions under our Content-Security-Policy, so these
are pages beside the screens with a script of their own. Every change is a POST of JSON from our
own origin.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from app import accounts, audit
from app.accounts import Actor, cookie_name
from app.api import provider
from app.api.cookies import set_cookie
from app.api.pages import html_page
from app.api.rest.rate_limits import RateLimit
from app.db import transaction, transaction_for_system
from app.db.errors import DatabaseError, sentence
from app.kit.errors import DonorCrmError, InvalidError, NotAllowedError
from app.kit.user_agents import describe_device
from app.settings import settings

LARGEST_BODY = 16 * 1024
JSON = "application/json"
SCRIPT = Path(__file__).with_name("assets") / "passkeys.js"
SETTINGS = "/settings"
ELSEWHERE = "Open this page of DonorCRM again and try once more."
NOT_KNOWN = "This passkey does not open an account here. Try again, or sign in with your password."
SIGN_IN_FIRST = "Please sign in first."
Work = Callable[[dict[str, Any]], Response]
# per IP address: a whole office may sign in at nine o'clock, with two requests per user
CEREMONIES_A_MINUTE = 120


def _ceremonies_limit() -> int:
    return CEREMONIES_A_MINUTE


CEREMONIES = RateLimit(_ceremonies_limit, "passkeys")


async def sign_in_page(request: Request) -> Response:
    """Show the page that asks the browser for a passkey; `next` is the page to open afterwards."""
    destination = own_path(request.query_params.get("next", ""))
    return html_page(
        "passkey_sign_in.html", next=destination, origin=_origin(), problem=_unavailable_reason()
    )


async def sign_in_options(request: Request) -> Response:
    """Return a new challenge for a sign-in."""

    def work(_body: dict[str, Any]) -> Response:
        CEREMONIES.take(_caller(request))
        with transaction_for_system() as db:
            return JSONResponse(accounts.begin_passkey_sign_in(db, now=datetime.now(UTC)))

    return await _answer(request, work)


async def sign_in(request: Request) -> Response:
    """Verify a passkey, start the session and set its cookie; return the page to open."""

    def work(body: dict[str, Any]) -> Response:
        CEREMONIES.take(_caller(request))
        cookie = _session_for(request, body.get("credential"))
        # raised outside of the transaction, so that the count of failed attempts is committed
        if cookie is None:
            raise NotAllowedError(NOT_KNOWN)
        answer = JSONResponse({"to": own_path(str(body.get("next", "")))})
        return provider.forget(request, set_cookie(answer, cookie))

    return await _answer(request, work)


async def add_page(request: Request) -> Response:
    """Show the page that creates a passkey; without a session, redirect to the settings screen."""
    problem, status, email = _unavailable_reason(), 200, ""
    try:
        actor = await run_in_threadpool(_signed_in, request)
        if actor is None:
            return RedirectResponse(SETTINGS, 303)
        email = actor.email
        accounts.require_own(actor, setting_up=True)
    except DatabaseError as error:
        problem, status = sentence(error), 503
    except DonorCrmError as error:
        problem, status = str(error), error.status
    name = describe_device(request.headers.get("user-agent", ""))
    return html_page(
        "passkey_add.html", status, email=email, name=name, origin=_origin(), problem=problem
    )


async def add_options(request: Request) -> Response:
    """Return the WebAuthn options for creating a passkey of the signed-in user."""

    def work(_body: dict[str, Any]) -> Response:
        actor = _require_actor(request)
        with transaction(actor) as db:
            return JSONResponse(accounts.begin_passkey(db, actor, now=datetime.now(UTC)))

    return await _answer(request, work)


async def add(request: Request) -> Response:
    """Store the passkey that the browser has created."""

    def work(body: dict[str, Any]) -> Response:
        actor = _require_actor(request)
        with transaction(actor) as db:
            accounts.add_passkey(
                db,
                actor,
                response=body.get("credential"),
                name=str(body.get("name", "")),
                now=datetime.now(UTC),
            )
        return JSONResponse({"to": SETTINGS})

    return await _answer(request, work)


async def script(_request: Request) -> Response:
    """Return the script of the pages."""
    return FileResponse(SCRIPT, media_type="text/javascript")


def own_path(address: str) -> str:
    """Return the path and query if `given` is a path of this site; "/" otherwise."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    elsewhere = parts.scheme or parts.netloc or not address.startswith("/") or "\\" in address
    if elsewhere or address.startswith("//") or not address.isprintable():
        return "/"
    return address


async def _answer(request: Request, work: Work) -> Response:
    """Check the origin of a request, read its body and call `work`; every error is JSON."""
    if request.headers.get("origin") != _origin():
        return _problem(f"Open DonorCRM at {settings().public_url} to use passkeys.", 403)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        return _problem(ELSEWHERE, 415)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            return _problem(ELSEWHERE, 413)
    return await run_in_threadpool(_run_ceremony, request, work, body)


def _run_ceremony(request: Request, work: Work, body: bytes) -> Response:
    try:
        with audit.client_address(_caller(request) or None):
            return work(_read(body))
    except DatabaseError as error:
        return _problem(sentence(error), 503)
    except DonorCrmError as error:
        return _problem(str(error), error.status)


def _read(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise InvalidError(ELSEWHERE)
    return parsed


def _session_for(request: Request, credential: object) -> str | None:
    """Start a session for a valid passkey and return its cookie; end the browser's old session."""
    now, caller = datetime.now(UTC), _caller(request)
    with transaction_for_system() as db:
        actor = accounts.sign_in_with_passkey(db, response=credential, now=now, caller=caller)
        if actor is None:
            return None
        old = request.cookies.get(cookie_name(), "")
        before = accounts.identify(db, cookie=old, now=now, rotate=False) if old else None
        if before is not None:
            accounts.end_session(db, session_id=before[0], now=now, reason="signed in again")
        _, code = accounts.open_session(
            db,
            user_id=actor.user_id,
            now=now,
            address=caller,
            two_factor=True,
            confirmed=True,
            user_agent=request.headers.get("user-agent", ""),
        )
        return accounts.redeem_code(db, code=code, now=now)


def _signed_in(request: Request) -> Actor | None:
    """Return the actor of the session cookie, also if two-factor authentication is not set up."""
    cookie, now = request.cookies.get(cookie_name(), ""), datetime.now(UTC)
    with transaction_for_system() as db:
        identity = accounts.identify(db, cookie=cookie, now=now, rotate=False) if cookie else None
        return accounts.session_actor(db, session_id=identity[0], now=now) if identity else None


def _require_actor(request: Request) -> Actor:
    actor = _signed_in(request)
    if actor is None:
        raise NotAllowedError(SIGN_IN_FIRST)
    return actor


def _origin() -> str:
    return accounts.passkey_origin()


def _unavailable_reason() -> str:
    return "" if accounts.passkeys_available() else accounts.NO_PASSKEYS_HERE


def _caller(request: Request) -> str:
    return request.client.host if request.client else ""


def _problem(detail: str, status: int) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)


routes = [
    Route("/sign-in/passkey", sign_in_page, methods=["GET"]),
    Route("/sign-in/passkey", sign_in, methods=["POST"]),
    Route("/sign-in/passkey/options", sign_in_options, methods=["POST"]),
    Route("/sign-in/passkey/passkeys.js", script, methods=["GET"]),
    Route("/account/passkeys/add", add_page, methods=["GET"]),
    Route("/account/passkeys/add", add, methods=["POST"]),
    Route("/account/passkeys/options", add_options, methods=["POST"]),
]
