"""Exceptions in logs and on stderr without their messages, which may quote personal data.

Applies to every logger of the process (the framework's, the server's, the queue's), whatever
handler and formatter it has, and to uncaught exceptions.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec

# their messages name modules and source code, never data
SAFE_TO_SHOW = (ImportError, SyntaxError)
MAX_FRAMES = 6
P = ParamSpec("P")


def hide_exception_messages() -> None:
    """Log the type and the frames of every exception of this process, but not its message."""
    logging.setLogRecordFactory(log_record)
    # a record that cannot be formatted would be printed with its arguments
    logging.raiseExceptions = False


def hook_uncaught() -> None:
    """Print exceptions that no code catches, in any thread, without their messages."""
    hide_exception_messages()
    sys.excepthook = _print_exception
    threading.excepthook = lambda args: _print_exception(
        args.exc_type, args.exc_value, args.exc_traceback
    )
    sys.unraisablehook = lambda args: _print_exception(
        args.exc_type, args.exc_value, args.exc_traceback
    )


def print_uncaught(error: BaseException) -> None:
    """Print an exception's type and traceback to stderr."""
    _print_exception(type(error), error, error.__traceback__)


def frame_locations(error: BaseException, limit: int = MAX_FRAMES) -> list[str]:
    """Return the innermost `limit` frames of an exception's traceback, as "file.py:12"."""
    locations = []
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.rpartition("/")[2]
        locations.append(f"{name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return locations[-limit:]


def _remove_exceptions(record: logging.LogRecord) -> logging.LogRecord:
    """Replace the exceptions that a log record holds by their types and frames."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fault, locations = type(error).__name__, frame_locations(error)
        # read by the formatter in app.observability.logs
        vars(record).update(fault=fault, places=locations)
        record.exc_text = f"{fault} at {', '.join(locations)}"
    record.exc_info = record.stack_info = None
    if isinstance(record.msg, BaseException):
        record.msg = type(record.msg).__name__
    if isinstance(record.args, tuple):
        record.args = tuple(
            type(arg).__name__ if isinstance(arg, BaseException) else arg for arg in record.args
        )
    if record.name == "asyncio":
        # the lines below the first are the repr of tasks, with the exceptions they ended with
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
    return record


def _without_exceptions(create: Callable[P, logging.LogRecord]) -> Callable[P, logging.LogRecord]:
    """Return a log record factory whose records hold no exception."""
    return lambda *args, **kwargs: _remove_exceptions(create(*args, **kwargs))


log_record = _without_exceptions(logging.LogRecord)


def _print_exception(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("Interrupted.\n")
        return
    message = str(error) if isinstance(error, SAFE_TO_SHOW) else "(its message is not shown)"
    lines = "".join(traceback.format_tb(trace))
    sys.stderr.write(f"Traceback (most recent call last):\n{lines}{kind.__name__}: {message}\n")
