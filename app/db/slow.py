"""Statements that take long are written to the log: their words, never their values."""

import logging
import time

from sqlalchemy import Engine, event

from app.settings import settings

LONGEST = 600
BEGAN = "donorcrm_began"
# of the standard library: what a command prints is read by programs, its log goes to stderr
log = logging.getLogger("app.db.slow")


def watch(engine: Engine) -> None:
    """Write down each statement of this engine that takes longer than the settings say."""
    limit = settings().slow_query_ms
    if not limit:
        return

    def begins(_conn: object, _cursor: object, _words: str, _values: object,
               context: object, _many: object) -> None:  # fmt: skip
        setattr(context, BEGAN, time.perf_counter())

    def ends(_conn: object, _cursor: object, words: str, _values: object,
             context: object, _many: object) -> None:  # fmt: skip
        took = (time.perf_counter() - getattr(context, BEGAN, time.perf_counter())) * 1000
        if took >= limit:
            log.warning("slow statement, %d ms: %s", took, " ".join(words.split())[:LONGEST])

    event.listen(engine, "before_cursor_execute", begins)
    event.listen(engine, "after_cursor_execute", ends)
