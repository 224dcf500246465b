"""Files for the browser that is signed in: the links behind the screens' export buttons."""

import logging
from datetime import UTC, datetime
from typing import IO
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import accounts, audit, exports
from app.accounts import Actor, cookie_name
from app.api.sending import sent
from app.db import transaction
from app.db.errors import DatabaseError, sentence
from app.kit.errors import DonorCrmError, NotAllowedError

log = logging.getLogger(__name__)

# a link on another site may not have anybody's browser fetch a file
FOREIGN = {"cross-site", "same-site"}


async def take(request: Request) -> Response:
    """Answer with a file of what the signed-in person sees, or with a sentence."""
    client = request.client.host if request.client else None
    try:
        response: Response = await run_in_threadpool(_file, request, client)
    except DonorCrmError as error:
        response = PlainTextResponse(str(error), error.status)
    except DatabaseError as error:
        log.warning("a file could not be written: %s", type(error).__name__)
        response = PlainTextResponse(sentence(error), 503)
    response.headers["cache-control"] = "no-store"
    return response


def _file(request: Request, client: str | None) -> Response:
    actor = _actor(request)
    if actor is None:
        return PlainTextResponse("Please sign in.", 401)
    kind, form = request.path_params["kind"], request.path_params["form"]
    today = datetime.now(UTC).astimezone(ZoneInfo(actor.time_zone)).date()

    asked = exports.read(kind, request.query_params.multi_items())

    def write(file: IO[bytes]) -> None:
        with audit.coming_from(client), transaction(actor) as db:
            exports.write(db, actor, kind=kind, out=file, form=form, today=today, asked=asked)

    return sent(exports.file_name(kind, today=today, form=form), write)


def _actor(request: Request) -> Actor | None:
    if request.headers.get("sec-fetch-site") in FOREIGN:
        msg = "A file is taken from DonorCRM's own screens. Open the one called Export."
        raise NotAllowedError(msg)
    now = datetime.now(UTC)
    cookie = request.cookies.get(cookie_name(), "")
    with transaction() as db:
        found = accounts.recognise(db, cookie=cookie, now=now, rotate=False)
        return accounts.session_actor(db, session_id=found[0], now=now) if found else None


routes = [Route("/api/v1/files/{kind}.{form}", take, methods=["GET"])]
