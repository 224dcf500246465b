"""Pure reads, on the replica where possible and otherwise on the primary.

A reading is a function of a session. It saves nothing, takes no lock that others wait for, and
may be called twice: when the replica is lost in the middle, it is called again on the primary.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.db.replica.circuit import Trouble
from app.db.replica.connection import caught_up, leave, raw
from app.db.replica.status import tally
from app.db.security import entering
from app.db.session import Session, engine, session_on
from app.kit.errors import ConfigurationError

Answer = TypeVar("Answer")
Enter = Callable[[Session], None]
# what a replica answers when its recovery needs what a query uses, or when it is shut down
CONFLICTS = frozenset({"40001", "40P01"})
SHUT_DOWN = frozenset({"57P01", "57P02", "57P03", "57P04"})
log = logging.getLogger(__name__)


class _LostError(Exception):
    """The replica ended a reading that it had begun."""


def read(
    identity: entering.DatabaseIdentity | None, question: Callable[[Session], Answer]
) -> Answer:
    """Call `question` in a read-only transaction of a user and return its answer.

    Row-level security and the check of the session, token, role and account are those of
    `transaction`. The replica is used if it has replayed all that was written when this is called.

    Raises:
        SignedOutError, NotAllowedError: see `entering.set_identity`.
        ConfigurationError, TookTooLongError: as `transaction` does.
    """
    return _read(lambda db: entering.set_identity(db, identity, read_only=True), question)


def read_for_system(question: Callable[[Session], Answer]) -> Answer:
    """Call `question` in a read-only transaction that sees every row and return its answer.

    `question` may set the isolation level first.

    Raises:
        ConfigurationError, TookTooLongError: as `transaction_for_system` does.
    """
    return _read(_set_read_only, question)


def _set_read_only(db: Session) -> None:
    # not a query, so that the isolation level may still be set after it
    db.execute(text("set transaction read only"))


def _read(enter: Enter, question: Callable[[Session], Answer]) -> Answer:
    connection = caught_up()
    if connection is not None:
        try:
            with connection:
                answer = _read_replica(connection, enter, question)
        except _LostError:
            # again, on the primary
            pass
        else:
            tally.add(replica=True)
            return answer
    tally.add(replica=False)
    with session_on(engine()) as db:
        enter(db)
        return question(db)


def _read_replica(
    connection: Connection, enter: Enter, question: Callable[[Session], Answer]
) -> Answer:
    try:
        with session_on(connection) as db:
            try:
                enter(db)
                return question(db)
            except DBAPIError as error:
                _check_lost(connection, error)
                raise
    except ConfigurationError as error:
        # lost by the end of the transaction, when everything had been read
        if isinstance(error.__cause__, OperationalError):
            leave(Trouble.AWAY)
            raise _LostError from error
        raise


def _check_lost(connection: Connection, error: DBAPIError) -> None:
    """Raise _LostError if the replica has ended the reading, and not the reading itself."""
    code = getattr(error.orig, "pgcode", None)
    if code in CONFLICTS:
        log.warning("The read replica ended a query for its recovery; the primary is read.")
        raise _LostError from error
    if connection.invalidated or raw(connection).closed or code in SHUT_DOWN:
        # COPY bypasses what notices a broken connection
        connection.invalidate()
        leave(Trouble.AWAY)
        raise _LostError from error
