"""Logs, error reports and metrics, without personal data."""

from app.observability.error_reporting import report, set_up_reports, traced
from app.observability.logs import set_up_logs
from app.observability.metrics import failed, request_took, rerun_took, spelled
from app.observability.redact import scrubbed
from app.observability.tracebacks import hook_uncaught, print_uncaught

__all__ = [
    "failed",
    "hook_uncaught",
    "print_uncaught",
    "report",
    "request_took",
    "rerun_took",
    "scrubbed",
    "set_up_logs",
    "set_up_reports",
    "spelled",
    "traced",
]
