"""Cancellation of a long transaction from outside, at any statement."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg2
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.statements.timeouts import TookTooLongError
from app.kit.errors import ConflictError, DonorCrmError

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5


class StoppedError(ConflictError):
    """The work was cancelled and rolled back."""


@contextmanager
def stoppable(db: Session, *, when: Callable[[], bool]) -> Iterator[None]:
    """Cancel this transaction soon after `when` returns true.

    `when` is called twice a second in another thread, so it needs a transaction of its own. The
    running statement is cancelled at the server, and further statements are refused.

    Raises:
        StoppedError: the transaction was cancelled.
    """
    connection = db.connection()
    over, stopped = threading.Event(), threading.Event()
    about = (connection.connection.driver_connection, when, over, stopped)
    watcher = threading.Thread(target=_watch, args=about, name="stoppable", daemon=True)

    def refuse(*_arguments: object) -> None:
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
            # a pending cancellation must not hit the next user of this connection
            connection.invalidate()


def _watch(
    raw: psycopg2.extensions.connection,
    when: Callable[[], bool],
    over: threading.Event,
    stopped: threading.Event,
) -> None:
    while not over.wait(LOOK_EVERY):
        if stopped.is_set() or _should_stop(when):
            stopped.set()
            # repeated: between two statements there is nothing to cancel
            with suppress(psycopg2.Error):
                raw.cancel()


def _should_stop(when: Callable[[], bool]) -> bool:
    try:
        return when()
    except (SQLAlchemyError, DonorCrmError) as error:
        # a database that is briefly unreachable does not cancel the work
        log.info("Whether to stop could not be asked: %s", type(error).__name__)
        return False
