"""Log of slow and cancelled statements: their SQL, never their parameters."""

import logging
import time

from psycopg2.errors import QueryCanceled
from sqlalchemy import Engine, ExceptionContext, event

from app.settings import settings

LONGEST = 600
BEGAN = "donorcrm_began"
# the standard library's logger: programs read the stdout of commands, this log goes to stderr
log = logging.getLogger("app.db.statements.slow_query_log")


def watch(engine: Engine) -> None:
    """Log each statement of this engine that takes `SLOW_QUERY_MS` or longer; 0 logs none.

    A statement that the server cancels, at a timeout or on request, is always logged.
    """
    limit = settings().slow_query_ms

    def begins(
        _conn: object,
        _cursor: object,
        _statement: str,
        _values: object,
        context: object,
        _many: object,
    ) -> None:
        setattr(context, BEGAN, time.perf_counter())

    def ends(
        _conn: object,
        _cursor: object,
        statement: str,
        _values: object,
        context: object,
        _many: object,
    ) -> None:
        took = _milliseconds(context)
        if took >= limit:
            log.warning("slow statement, %d ms: %s", took, _short(statement))

    def fails(failure: ExceptionContext) -> None:
        if isinstance(failure.original_exception, QueryCanceled):
            took = _milliseconds(failure.execution_context)
            log.warning("cancelled statement, %d ms: %s", took, _short(failure.statement or ""))

    event.listen(engine, "before_cursor_execute", begins)
    event.listen(engine, "handle_error", fails)
    if limit:
        event.listen(engine, "after_cursor_execute", ends)


def _milliseconds(context: object) -> float:
    return (time.perf_counter() - getattr(context, BEGAN, time.perf_counter())) * 1000


def _short(statement: str) -> str:
    return " ".join(statement.split())[:LONGEST]
