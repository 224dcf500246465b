"""Structured log on stdout: readable text in embedded and debug mode, JSON otherwise."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

from app.observability.redact import redacted
from app.settings import settings
from app.tracebacks import frame_locations, hide_exception_messages

# these libraries log every step
VERBOSE_LIBRARIES = (
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


def set_up_logs(stream: TextIO | None = None) -> None:
    """Send every logger of this process to `stream` (default stdout) at the configured level."""
    current = settings()
    hide_exception_messages()
    configure_structlog()
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(formatter(readable=current.embedded or current.debug))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(current.log_level)
    for name in VERBOSE_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # the app writes one line per request itself, without the query
    logging.getLogger("uvicorn.access").disabled = True


def configure_structlog() -> None:
    """Route structlog events through the standard logging handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
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
        foreign_pre_chain=_shared_processors(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )


def _shared_processors() -> list[Processor]:
    """Return the processors of every log line, from structlog and from logging."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _format_exception,
        _redact,
    ]


def _format_exception(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Log an exception's type and frames; its message may quote personal data."""
    exc_info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if exc_info is True else exc_info
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["fault"] = type(error).__name__
        event["places"] = frame_locations(error)
    record = event.get("_record")
    if record is not None and hasattr(record, "fault"):
        event["fault"], event["places"] = record.fault, record.places
    event.pop("stack_info", None)
    return event


def _redact(_logger: object, _name: str, event: EventDict) -> EventDict:
    return {key: redacted(value) for key, value in event.items()}
