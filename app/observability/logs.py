"""Structured log on stdout: readable text in embedded and debug mode, JSON otherwise."""

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from app.observability.redact import scrubbed
from app.observability.tracebacks import hide_exception_messages, places
from app.settings import settings

# these libraries log every step
CHATTY = (
    "apscheduler",
    "procrastinate",
    "alembic",
    "botocore",
    "boto3",
    "urllib3",
    "s3transfer",
    "asyncio",
    "watchdog",
    "PIL",
    # logs the ids of credentials
    "fido2",
)


def set_up_logs(out: TextIO | None = None) -> None:
    """Send every logger of this process to `out` (default stdout) at the configured level."""
    chosen = settings()
    hide_exception_messages()
    structured()
    handler = logging.StreamHandler(out or sys.stdout)
    handler.setFormatter(formatter(readable=chosen.embedded or chosen.debug))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(chosen.log_level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # the app writes one line per request itself, without the query
    logging.getLogger("uvicorn.access").disabled = True


def structured() -> None:
    """Route structlog events through the standard logging handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def formatter(*, readable: bool) -> logging.Formatter:
    """Return the formatter of log records: text if `readable`, otherwise JSON."""
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if readable
        else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )


def _shared() -> list[Processor]:
    """Return the processors of every log line, from structlog and from logging."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _placed,
        _clean,
    ]


def _placed(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Log an exception's type and frames; its message may quote personal data."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["fault"] = type(error).__name__
        event["places"] = places(error)
    record = event.get("_record")
    if record is not None and hasattr(record, "fault"):
        event["fault"], event["places"] = record.fault, record.places
    event.pop("stack_info", None)
    return event


def _clean(_logger: Any, _name: str, event: EventDict) -> EventDict:
    return {key: scrubbed(value) for key, value in event.items()}
