"""Preview page of the weekly summary, without action links.

Users may see their own summary, administrators that of every user, for any day.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import summaries
from app.accounts import Actor
from app.api.files import SIGN_IN, cookie_actor
from app.api.query_values import day, number
from app.db import Session, transaction
from app.db.errors import DatabaseError, sentence
from app.kit.errors import DonorCrmError, InvalidError

WRONG = "This preview address is not valid. Open it from the screen again."
QUIET = {"cache-control": "no-store"}


async def preview(request: Request) -> Response:
    """Return the summary as HTML, or as the plain text part of the mail."""
    return await run_in_threadpool(_preview, request)


def _preview(request: Request) -> Response:
    try:
        actor = cookie_actor(request)
        if actor is None:
            return PlainTextResponse(SIGN_IN, 401)
        with transaction(actor) as db:
            html = _parse_query(request, actor)(db)
    except DonorCrmError as error:
        return PlainTextResponse(str(error), error.status)
    except DatabaseError as error:
        return PlainTextResponse(sentence(error), 503)
    if request.query_params.get("as") == "text":
        return PlainTextResponse(f"{html.subject}\n\n{html.text}", headers=QUIET)
    return HTMLResponse(html.html, headers=QUIET)


def _parse_query(request: Request, actor: Actor) -> Callable[[Session], summaries.Preview]:
    params = request.query_params
    today = datetime.now(UTC).astimezone(ZoneInfo(actor.time_zone)).date()
    user_id = number(params["of"], WRONG) if "of" in params else actor.user_id
    on = day(params["on"], WRONG) if "on" in params else today
    if params.get("as", "text") != "text":
        raise InvalidError(WRONG)
    return lambda db: summaries.preview(db, actor, user_id=user_id, today=on)


routes = [Route("/api/v1/summary", preview, methods=["GET"])]
