"""Pages behind the links in e-mails: e-mail preferences and action links; without sign-in.

GET requests change nothing, because mail clients may open links by themselves. The one-click
unsubscribe of mail clients (RFC 8058) and the forms of the pages are POST requests.
"""

from datetime import UTC, datetime
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import accounts, audit, mail, summaries
from app.api.pages import html_page
from app.db import transaction
from app.db.errors import DatabaseError, sentence
from app.kit.errors import DonorCrmError

GONE = "This link has expired. Sign in, and change your mail under My settings."
TITLES = {
    "weekly_summary": "A summary every week",
    "late_pledge_alert": "A mail when a pledge becomes late",
    "at_risk_donors_alert": "A mail when donors may be stopping",
}


async def page(request: Request) -> Response:
    """Show the user's e-mail preferences."""
    return await run_in_threadpool(_answer, request, None)


async def action_page(request: Request) -> Response:
    """Show the confirmation page of an action link, without doing the action."""
    return await run_in_threadpool(_perform, request)


async def perform_action(request: Request) -> Response:
    """Do the action of an action link, once."""
    return await run_in_threadpool(_perform, request)


def _perform(request: Request) -> Response:
    token, now = request.path_params["token"], datetime.now(UTC)
    client = request.client.host if request.client else None
    try:
        with audit.client_address(client), transaction() as db:
            if request.method == "POST":
                return _action_result_page(done=summaries.perform_action(db, token, now=now))
            return _action_result_page(deed=summaries.preview_action(db, token, now=now))
    except DatabaseError as error:
        return _action_result_page(problem=sentence(error), status=503)
    except DonorCrmError as error:
        return _action_result_page(problem=str(error), status=error.status)


def _action_result_page(
    *,
    deed: summaries.EmailAction | None = None,
    done: summaries.ActionResult | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    return html_page("email_action.html", status, deed=deed, done=done, problem=problem)


async def change(request: Request) -> Response:
    """Change the e-mail preferences, by the form or by one-click unsubscribe."""
    return await run_in_threadpool(_answer, request, await request.body())


def _answer(request: Request, body: bytes | None) -> Response:
    preferences = mail.read_email_preferences_token(
        request.path_params["token"], now=datetime.now(UTC)
    )
    if preferences is None:
        return _page(problem=GONE, status=404)
    user_id, kind = preferences
    client = request.client.host if request.client else None
    try:
        with audit.client_address(client), transaction() as db:
            if body is None:
                return _page(wishes=accounts.own_email_preferences(db, user_id))
            wanted = _parse_preferences(body, kind)
            wishes = accounts.save_email_preferences(db, user_id, wanted)
            return _page(wishes=wishes, saved=True)
    except DatabaseError as error:
        return _page(problem=sentence(error), status=503)
    except DonorCrmError as error:
        problem = GONE if error.status == 404 else str(error)  # noqa: PLR2004
        return _page(problem=problem, status=error.status)


def _parse_preferences(body: bytes, kind: str) -> dict[str, bool]:
    # a mail client may send the one-click request in either form encoding
    if b"List-Unsubscribe" in body and b"One-Click" in body:
        return {kind: False}
    form = parse_qs(body.decode("utf-8", "replace"))
    return {kind: kind in form for kind in mail.KINDS}


def _page(
    *,
    wishes: accounts.EmailPreferences | None = None,
    saved: bool = False,
    problem: str = "",
    status: int = 200,
) -> Response:
    return html_page(
        "email_preferences.html",
        status,
        wishes=wishes,
        titles=TITLES,
        saved=saved,
        problem=problem,
    )


routes = [
    Route("/api/v1/mail/do/{token}", action_page, methods=["GET"]),
    Route("/api/v1/mail/do/{token}", perform_action, methods=["POST"]),
    Route("/api/v1/mail/{token}", page, methods=["GET"]),
    Route("/api/v1/mail/{token}", change, methods=["POST"]),
]
