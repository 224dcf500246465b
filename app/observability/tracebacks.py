"""Exceptions in logs and on stderr without their messages, which may quote personal data.

Applies to every logger of the process (the framework's, the server's, the queue's), whatever
handler and formatter it has, and to uncaught exceptions.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

# their messages name modules and source code, never data
SAFE = (ImportError, SyntaxError)
MOST_PLACES = 6


def hide_exception_messages() -> None:
    """Log the type and the frames of every exception of this process, but not its message."""
    logging.setLogRecordFactory(_record)
    # a record that cannot be formatted would be printed with its arguments
    logging.raiseExceptions = False


def hook_uncaught() -> None:
    """Print exceptions that no code catches, in any thread, without their messages."""
    hide_exception_messages()
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(
        args.exc_type, args.exc_value, args.exc_traceback
    )
    sys.unraisablehook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def print_uncaught(error: BaseException) -> None:
    """Print an exception's type and traceback to stderr."""
    _uncaught(type(error), error, error.__traceback__)


def places(error: BaseException, most: int = MOST_PLACES) -> list[str]:
    """Return the innermost `most` frames of an exception's traceback, as "file.py:12"."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.rpartition("/")[2]
        found.append(f"{name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-most:]


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """Return a log record that holds no exception."""
    record = logging.LogRecord(*args, **kwargs)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fault, where = type(error).__name__, places(error)
        # read by the formatter in app.observability.logs
        vars(record).update(fault=fault, places=where)
        record.exc_text = f"{fault} at {', '.join(where)}"
    record.exc_info = record.stack_info = None
    if isinstance(record.msg, BaseException):
        record.msg = type(record.msg).__name__
    if isinstance(record.args, tuple):
        record.args = tuple(
            type(one).__name__ if isinstance(one, BaseException) else one for one in record.args
        )
    if record.name == "asyncio":
        # the lines below the first are the repr of tasks, with the exceptions they ended with
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
    return record


def _uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("Interrupted.\n")
        return
    message = str(error) if isinstance(error, SAFE) else "(its message is not shown)"
    lines = "".join(traceback.format_tb(trace))
    sys.stderr.write(f"Traceback (most recent call last):\n{lines}{kind.__name__}: {message}\n")
