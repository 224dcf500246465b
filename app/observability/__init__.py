"""Logs, error reports and metrics, without personal data."""

from app.observability.error_reporting import report, set_up_reports, traced
from app.observability.logs import set_up_logs
from app.observability.metrics import (
    count_failure,
    observe_request,
    observe_rerun,
    prometheus_text,
)
from app.observability.redact import redacted

__all__ = [
    "count_failure",
    "observe_request",
    "observe_rerun",
    "prometheus_text",
    "redacted",
    "report",
    "set_up_logs",
    "set_up_reports",
    "traced",
]
