"""What the program tells of itself: logs, reports of faults, numbers; never about people."""

from app.observe.logs import set_up_logs
from app.observe.measures import failed, request_took, rerun_took, spelled
from app.observe.redact import scrubbed
from app.observe.reports import report, set_up_reports, traced
from app.observe.tracebacks import hook_uncaught, print_uncaught

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
