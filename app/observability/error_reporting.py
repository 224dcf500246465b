"""Error reports to the Sentry DSN in SENTRY_DSN: type and stack frames, no personal data."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app import VERSION
from app.observability.metrics import count_failure
from app.observability.redact import redacted
from app.settings import settings

if TYPE_CHECKING:
    from sentry_sdk.tracing import Transaction
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Event, Hint

TRACE_SAMPLE_RATE = 0.1
MESSAGE_REMOVED = "[left out]"
# set by the SDK, not from user input; not redacted, because ids look like secrets
SDK_FIELDS = (
    "event_id",
    "type",
    "timestamp",
    "start_timestamp",
    "level",
    "platform",
    "sdk",
    "release",
    "environment",
    "server_name",
    "transaction_info",
)
TRACE_FIELDS = ("trace_id", "span_id", "op", "status", "origin")


def set_up_reports(transport: "type[Transport] | Transport | None" = None) -> bool:
    """Start the error reports; return False when no DSN is set.

    Tests pass a `transport` of their own.
    """
    dsn = settings().sentry_dsn
    if not dsn:
        return False
    import sentry_sdk  # noqa: PLC0415 - slow to import, and only needed with a DSN

    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        traces_sample_rate=TRACE_SAMPLE_RATE,
        data_collection={
            "user_info": False,
            "http_bodies": [],
            "database_query_data": False,
            "queues": False,
            "stack_frame_variables": False,
            "frame_context_lines": 0,
        },
        max_breadcrumbs=0,
        # only explicit reports: no integration reads requests, logs or SQL statements
        default_integrations=False,
        server_name="donorcrm",
        release=f"donorcrm@{VERSION}",
        before_send=_strip_personal_data,
        before_send_transaction=_strip_personal_data,
    )
    return True


def report(error: BaseException, *, where: str, reference: str = "") -> None:
    """Report an error; `where` is "screen", "route" or "job".

    `reference` is the reference shown to the user.
    """
    count_failure(where)
    if _is_active():
        import sentry_sdk  # noqa: PLC0415 - as above

        with sentry_sdk.new_scope() as scope:
            scope.set_tag("where", where)
            if reference:
                scope.set_tag("reference", reference)
            scope.capture_exception(error)


@contextmanager
def traced(kind: str, name: str) -> Iterator["Transaction | None"]:
    """Report the duration of one in ten runs of a "screen", "route" or "job".

    Yields the trace, whose name may still change, or None when nothing is reported. The trace has
    no spans.
    """
    if not _is_active():
        yield None
        return
    import sentry_sdk  # noqa: PLC0415 - as above
    from sentry_sdk.tracing import NoOpSpan  # noqa: PLC0415

    trace = sentry_sdk.start_transaction(op=kind, name=name)
    try:
        yield None if isinstance(trace, NoOpSpan) else trace
    finally:
        trace.finish()


def _is_active() -> bool:
    if not settings().sentry_dsn:
        return False
    import sentry_sdk  # noqa: PLC0415 - as above

    return sentry_sdk.get_client().is_active()


def _strip_personal_data(event: "Event", _hint: "Hint") -> "Event":
    """Keep only the listed fields: an error's type and frames; its message may quote a name."""
    full: dict[str, Any] = dict(event)
    stripped = {name: full[name] for name in SDK_FIELDS if name in full}
    stripped |= {name: redacted(full[name]) for name in ("tags", "transaction") if name in full}
    trace = (full.get("contexts") or {}).get("trace") or {}
    if full.get("type") == "transaction":
        stripped["contexts"] = {
            "trace": {name: trace[name] for name in TRACE_FIELDS if name in trace}
        }
        stripped["spans"] = []
    values = (full.get("exception") or {}).get("values", ())
    if values:
        stripped["exception"] = {"values": [_strip_exception(exception) for exception in values]}
    return stripped  # type: ignore[return-value]


def _strip_exception(exception: dict[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames", ())
    locations = [
        {name: frame.get(name) for name in ("filename", "function", "module", "lineno")}
        for frame in frames
    ]
    return {
        "type": exception.get("type"),
        "module": exception.get("module"),
        "value": MESSAGE_REMOVED,
        "mechanism": exception.get("mechanism"),
        "stacktrace": {"frames": locations},
    }
