"""Health checks: liveness and readiness."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.db import schema_revision, transaction_for_system
from app.db.errors import DatabaseError
from app.db.monitoring.health import report
from app.kit.errors import DonorCrmError


async def health(_request: Request) -> JSONResponse:
    """Return 200 while this process is alive, with the state of the database."""
    reachable = await run_in_threadpool(_reachable)
    return JSONResponse({"status": "ok", "database": "ok" if reachable else "unreachable"})


async def ready(_request: Request) -> JSONResponse:
    """Return 200 when the service is ready, 503 with the reasons when it is not."""
    reasons = await run_in_threadpool(_reasons)
    if reasons:
        return JSONResponse({"status": "not ready", "reasons": reasons}, 503)
    return JSONResponse({"status": "ready"})


def _reachable() -> bool:
    try:
        with transaction_for_system() as db:
            report(db)
    except (DonorCrmError, DatabaseError):
        return False
    return True


def _reasons() -> list[str]:
    try:
        if not schema_revision.at_head():
            return ["migrations are missing"]
        with transaction_for_system() as db:
            health = report(db)
    except (DonorCrmError, DatabaseError):
        return ["the database cannot be reached"]
    reasons = []
    if not health.scheduler_alive:
        reasons.append("the scheduler is not running")
    if health.mail_delayed:
        reasons.append("e-mail is not being sent")
    return reasons


routes = [
    Route("/api/v1/health/", health),
    Route("/api/v1/ready/", ready),
]
