"""Prometheus metrics of this process, the database, queued work and backups."""

import hmac
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app import backups, cache
from app.db import replica, transaction_for_system
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
    authorization = request.headers.get("authorization", "")
    if not token or not hmac.compare_digest(authorization.encode(), f"{BEARER}{token}".encode()):
        return PlainTextResponse("Not found.", 404)
    return Response(await run_in_threadpool(_collect), media_type=KIND)


def _collect() -> bytes:
    try:
        with transaction_for_system() as db:
            vitals, backup_status = database_vitals(db), backups.status(db)
    except (DonorCrmError, DatabaseError):
        return prometheus_text([("database_up", "Whether the database answers.", (), {(): 0})])
    return prometheus_text(
        [
            ("database_up", "Whether the database answers.", (), {(): 1}),
            ("pool_in_use", "Connections this process uses now.", (), {(): vitals.pool_in_use}),
            (
                "heartbeat_age_seconds",
                "Since a scheduler was last heard.",
                (),
                _single_value(vitals.health.heartbeat_age_seconds),
            ),
            (
                "oldest_mail_seconds",
                "How long the oldest mail waits.",
                (),
                _single_value(vitals.health.oldest_mail_seconds),
            ),
            (
                "oldest_task_seconds",
                "How long the oldest task waits.",
                (),
                {(): vitals.oldest_task_seconds},
            ),
            *_of_this_process(),
            *_replica_lag(),
            *_counts(vitals),
            *_backups(backup_status, datetime.now(UTC)),
        ]
    )


def _of_this_process() -> list[tuple[str, str, tuple[str, ...], Single]]:
    """Return how often the cache had a dashboard, and which server answered the reads."""
    return [
        (
            "kept_answers",
            "Dashboards this process was asked for: found kept, or made.",
            ("found",),
            {(str(hit).lower(),): number for hit, number in cache.hit_counts().items()},
        ),
        (
            "readings",
            "Readings of this process that may use the read replica, by the server used.",
            ("server",),
            {
                ("replica" if on_replica else "primary",): number
                for on_replica, number in replica.reading_counts().items()
            },
        ),
    ]


def _backups(
    status: backups.Status, now: datetime
) -> list[tuple[str, str, tuple[str, ...], Single]]:
    drilled: Single = {}
    if status.drill is not None:
        drilled = {(status.drill.result,): (now - status.drill.at).total_seconds()}
    age = (now - status.kept.at).total_seconds() if status.kept is not None else None
    encrypted = float(status.kept.encrypted) if status.kept is not None else None
    broken = status.audit.broken_lines if status.audit is not None else None
    return [
        ("backup_age_seconds", "Since the newest backup.", (), _single_value(age)),
        (
            "backup_encrypted",
            "Whether the newest backup is encrypted.",
            (),
            _single_value(encrypted),
        ),
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
            _single_value(broken),
        ),
    ]


def _replica_lag() -> list[tuple[str, str, tuple[str, ...], Single]]:
    status = replica.replica_status()
    if status is None:
        return []
    usable: Single = {(): float(status.lag.trouble is None)}
    return [
        ("replica_up", "Whether the read replica has caught up.", (), usable),
        ("replica_lag_bytes", "WAL to replay.", (), _single_value(status.lag.bytes)),
    ]


def _counts(vitals: Vitals) -> list[tuple[str, str, tuple[str, ...], Single]]:
    by_state = {
        "tasks": ("Tasks in the queue.", vitals.queue),
        "mails": ("Mails by what became of them.", vitals.mails),
        "imports": ("Imports by what became of them.", vitals.imports),
    }
    gauges: list[tuple[str, str, tuple[str, ...], Single]] = [
        (name, meaning, ("state",), {(state,): number for state, number in values.items()})
        for name, (meaning, values) in by_state.items()
    ]
    runs: Single = {(job, state): number for (job, state), number in vitals.runs.items()}
    return [*gauges, ("runs", "Runs of the timetable in a day.", ("job", "state"), runs)]


def _single_value(value: float | None) -> Single:
    return {} if value is None else {(): value}


routes = [Route("/metrics", metrics, methods=["GET"])]
