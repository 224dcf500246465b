"""The search of the command palette: donors as JSON, for the user of the session cookie."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import donors
from app.api.files import ELSEWHERE, SIGN_IN, cookie_actor
from app.db import transaction
from app.db.errors import DatabaseError, sentence
from app.kit.errors import DonorCrmError

MOST = 8
# longer than any name that is worth typing
LONGEST = 200


async def find(request: Request) -> Response:
    """Return donors that fit the text, or without one those that the user opened lately."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return PlainTextResponse(ELSEWHERE, 403)
    return await run_in_threadpool(_find, request)


def _find(request: Request) -> Response:
    query = request.query_params.get("query", "").strip()[:LONGEST]
    try:
        actor = cookie_actor(request)
        if actor is None:
            return PlainTextResponse(SIGN_IN, 401)
        with transaction(actor) as db:
            if query:
                found = donors.search(db, actor, query=query, limit=MOST)
            else:
                found = donors.opened_lately(db, actor, limit=MOST)
    except DonorCrmError as error:
        return PlainTextResponse(str(error), error.status)
    except DatabaseError as error:
        return PlainTextResponse(sentence(error), 503)
    rows = [
        {"id": donor.donor_id, "name": donor.name, "detail": donor.email or donor.city or ""}
        for donor in found
    ]
    return JSONResponse({"donors": rows}, headers={"cache-control": "no-store"})


routes = [Route("/api/v1/find", find, methods=["GET"])]
