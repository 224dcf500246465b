"""Webhook for bounced e-mails, for a mail provider that authenticates with BOUNCE_TOKEN."""

import hmac
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app import mail
from app.db import transaction_for_system
from app.db.errors import DatabaseError, sentence
from app.kit.errors import DonorCrmError
from app.settings import settings

BEARER = "Bearer "


async def bounce(request: Request) -> JSONResponse:
    """Process one bounce message (RFC 3464) and return its reason and effect."""
    token = settings().bounce_token
    authorization = request.headers.get("authorization", "")
    if not token or not hmac.compare_digest(authorization.encode(), f"{BEARER}{token}".encode()):
        # 404 does not reveal whether a token is set
        return JSONResponse({"detail": "Not found."}, 404)
    return await run_in_threadpool(_record, await request.body())


def _record(raw: bytes) -> JSONResponse:
    try:
        with transaction_for_system() as db:
            recorded = mail.record_bounce(db, raw, now=datetime.now(UTC))
    except DatabaseError as error:
        return JSONResponse({"detail": sentence(error)}, 503)
    except DonorCrmError as error:
        return JSONResponse({"detail": str(error)}, error.status)
    return JSONResponse({"why": recorded.reason, "stopped": recorded.suppressed})


routes = [Route("/api/v1/mail/bounces", bounce, methods=["POST"])]
