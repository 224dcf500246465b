"""Faults are reported where SENTRY_DSN says: their kind and places, nothing about people."""

from typing import Any

import sentry_sdk
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint

from app.observe.measures import failed
from app.observe.redact import scrubbed
from app.settings import settings

TRACES = 0.1
LEFT_OUT = "[left out]"


def set_up_reports(transport: type[Transport] | Transport | None = None) -> bool:
    """Begin to report; False when no place is set. Tests hand in a transport of their own."""
    dsn = settings().sentry_dsn
    if not dsn:
        return False
    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        traces_sample_rate=TRACES,
        data_collection={
            "user_info": False,
            "http_bodies": [],
            "database_query_data": False,
            "queues": False,
            "stack_frame_variables": False,
            "frame_context_lines": 0,
        },
        max_breadcrumbs=0,
        # what is told is told by us: nothing looks into requests, logs or statements
        default_integrations=False,
        server_name="donorcrm",
        before_send=_without_people,
        before_send_transaction=_without_people,
    )
    return True


def report(error: BaseException, *, where: str, reference: str = "") -> None:
    """Report a fault: `where` is "screen", "route" or "job", `reference` what people were told."""
    failed(where)
    if sentry_sdk.get_client().is_active():
        with sentry_sdk.new_scope() as scope:
            scope.set_tag("where", where)
            if reference:
                scope.set_tag("reference", reference)
            scope.capture_exception(error)


def _without_people(event: Event, _hint: Hint) -> Event:
    """Keep kinds and places: an error's own words may be somebody's name."""
    for name in ("request", "user", "breadcrumbs", "extra", "contexts", "modules"):
        event.pop(name, None)  # type: ignore[misc]
    values: Any = event.get("exception") or {}
    for one in values.get("values", ()):
        one["value"] = LEFT_OUT
        for frame in (one.get("stacktrace") or {}).get("frames", ()):
            frame.pop("vars", None)
    cleaned: Event = scrubbed(dict(event))
    return cleaned
