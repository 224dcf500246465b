"""Prometheus metrics of this process, the database, queued work and backups."""

import hmac
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import backups, cache
from app.db import transaction_for_system
from app.db.errors import DatabaseError
from app.db.monitoring.vitals import Vitals, database_vitals
from app.kit.errors import DonorCrmError
from app.observability import prometheus_text
from app.settings import settings

KIND = "text/plain; version=0.0.4; charset=utf-8"
BEARER = "Bearer "
Single = dict[tuple[str, ...], float]


async def metrics(request: Request) -> Response:
    """Return the metrics to a collector with METRICS_TOKEN; 404 to any other client."""
    token = settings().metrics_token
    given = request.headers.get("authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"{BEARER}{token}".encode()):
        return PlainTextResponse("Not found.", 404)
    return Response(await run_in_threadpool(_told), media_type=KIND)


def _told() -> bytes:
    try:
        with transaction_for_system() as db:
            found, kept = database_vitals(db), backups.status(db)
    except (DonorCrmError, DatabaseError):
        return prometheus_text([("database_up", "Whether the database answers.", (), {(): 0})])
    return prometheus_text(
        [
            ("database_up", "Whether the database answers.", (), {(): 1}),
            ("pool_in_use", "Connections this process uses now.", (), {(): found.pool_in_use}),
            (
                "heartbeat_age_seconds",
                "Since a scheduler was last heard.",
                (),
                _known(found.health.heartbeat_age_seconds),
            ),
            (
                "oldest_mail_seconds",
                "How long the oldest mail waits.",
                (),
                _known(found.health.oldest_mail_seconds),
            ),
            (
                "oldest_task_seconds",
                "How long the oldest task waits.",
                (),
                {(): found.oldest_task_seconds},
            ),
            (
                "kept_answers",
                "Dashboards this process was asked for: found kept, or made.",
                ("found",),
                {(str(one).lower(),): number for one, number in cache.hit_counts().items()},
            ),
            *_counts(found),
            *_backups(kept, datetime.now(UTC)),
        ]
    )


def _backups(
    found: backups.Status, now: datetime
) -> list[tuple[str, str, tuple[str, ...], Single]]:
    drilled: Single = {}
    if found.drill is not None:
        drilled = {(found.drill.result,): (now - found.drill.at).total_seconds()}
    age = (now - found.kept.at).total_seconds() if found.kept is not None else None
    encrypted = float(found.kept.encrypted) if found.kept is not None else None
    broken = found.audit.broken_lines if found.audit is not None else None
    return [
        ("backup_age_seconds", "Since the newest backup.", (), _known(age)),
        ("backup_encrypted", "Whether the newest backup is encrypted.", (), _known(encrypted)),
        (
            "backup_drill_age_seconds",
            "Since the newest restore drill, by its result.",
            ("result",),
            drilled,
        ),
        (
            "audit_broken_lines",
            "Lines of the audit log found changed at the newest backup.",
            (),
            _known(broken),
        ),
    ]


def _counts(found: Vitals) -> list[tuple[str, str, tuple[str, ...], Single]]:
    by_state = {
        "tasks": ("Tasks in the queue.", found.queue),
        "mails": ("Mails by what became of them.", found.mails),
        "imports": ("Imports by what became of them.", found.imports),
    }
    gauges: list[tuple[str, str, tuple[str, ...], Single]] = [
        (name, meaning, ("state",), {(state,): number for state, number in values.items()})
        for name, (meaning, values) in by_state.items()
    ]
    runs: Single = {(job, state): number for (job, state), number in found.runs.items()}
    return [*gauges, ("runs", "Runs of the timetable in a day.", ("job", "state"), runs)]


def _known(value: float | None) -> Single:
    return {} if value is None else {(): value}


routes = [Route("/metrics", metrics, methods=["GET"])]
