"""Stopping a long transaction from outside, wherever it is."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.timeouts import TookTooLongError
from app.kit.errors import ConflictError, DonorCrmError

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5


class StoppedError(ConflictError):
    """The work was stopped before its end; nothing of it stays."""


@contextmanager
def stoppable(db: Session, *, when: Callable[[], bool]) -> Iterator[None]:
    """Stop what this transaction does soon after `when` has become true.

    `when` is asked twice a second, beside the work, so it needs a transaction of its own. A
    statement that runs is cancelled at the server, and no further one begins.

    Raises:
        StoppedError: it was stopped.
    """
    connection = db.connection()
    over, stopped = threading.Event(), threading.Event()
    about = (connection.connection.driver_connection, when, over, stopped)
    watcher = threading.Thread(target=_watch, args=about, name="stoppable", daemon=True)

    def refuse(*_facts: Any) -> None:
        if stopped.is_set():
            raise StoppedError

    event.listen(connection, "before_cursor_execute", refuse)
    watcher.start()
    try:
        yield
    except (DBAPIError, psycopg2.Error, StoppedError, TookTooLongError) as error:
        if not stopped.is_set():
            raise
        raise StoppedError from error
    finally:
        over.set()
        watcher.join()
        event.remove(connection, "before_cursor_execute", refuse)
        if stopped.is_set():
            # a cancellation under way must not hit whoever gets this connection next
            connection.invalidate()


def _watch(
    raw: Any, when: Callable[[], bool], over: threading.Event, stopped: threading.Event
) -> None:
    while not over.wait(LOOK_EVERY):
        if stopped.is_set() or _answer(when):
            stopped.set()
            # each time anew: between two statements there is nothing to cancel
            with suppress(psycopg2.Error):
                raw.cancel()


def _answer(when: Callable[[], bool]) -> bool:
    try:
        return when()
    except (SQLAlchemyError, DonorCrmError) as error:
        # a database out of reach for a moment stops nothing by itself
        log.info("Whether to stop could not be asked: %s", type(error).__name__)
        return False
