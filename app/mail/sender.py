"""Send queued messages: claim, send, mark.

A message is sent twice only when the process is killed between send and mark.
"""

import os
import random
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db import transaction_for_system
from app.db.models import OutboxMessage
from app.mail import backends, bounces, message, queries
from app.mail.errors import RefusedError, TryLaterError
from app.mail.server import current_route
from app.settings import settings

BATCH = 25
# with the waits below, retries last about four days, as those of mail servers do
MOST_TRIES = 24
# well below `queries.LEASE`, so that no other sender claims a message of this one
ROUND_SECONDS = 240
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Sent:
    """The number of messages sent, put off and refused in one round."""

    sent: int = 0
    later: int = 0
    refused: int = 0


def send_waiting(*, now: datetime) -> Sent:
    """Send the messages that are due, and store each outcome in its own transaction.

    The claim is committed before the message is sent, so that two senders never send the same
    message; a claim older than ten minutes is abandoned and the message is claimed again.
    """
    worker = f"{socket.gethostname()}:{os.getpid()}"
    deadline = time.monotonic() + ROUND_SECONDS
    with transaction_for_system() as db:
        queries.suppress_queued(db)
        config = settings()
        route = current_route(db)
        free_slots = queries.free_slots(
            db, now=now, a_minute=config.email_most_a_minute, a_day=config.email_most_a_day
        )
        batch_size = BATCH if free_slots is None else min(BATCH, free_slots)
        claimed = queries.claim(db, now=now, worker=worker, limit=batch_size) if batch_size else []
    if not claimed:
        return Sent()
    try:
        with backends.backend(route) as backend:
            outcomes = [
                _send(backend, route.sender, row, worker, now)
                if time.monotonic() < deadline
                else _requeue(row, worker)
                for row in claimed
            ]
    except TryLaterError as error:
        # the connection could not be opened: nothing was sent
        outcomes = [_retry_later(row, worker, now, str(error)) for row in claimed]
    return Sent(outcomes.count("sent"), outcomes.count("later"), outcomes.count("refused"))


def _send(
    backend: backends.Backend, sender: str, row: OutboxMessage, worker: str, now: datetime
) -> str:
    try:
        backend.send(
            message.build(
                sender=sender,
                to=row.to_email,
                subject=row.subject,
                text=row.text_body,
                html=row.html_body,
                message_id=row.message_id,
                at=now,
                headers=row.headers,
            ),
            bounces.bounce_address(row.id),
        )
    except RefusedError as error:
        _record_outcome(row, worker, state="failed", error=str(error))
        if bounces.is_unknown_mailbox(str(error)):
            with transaction_for_system() as db:
                queries.suppress_address(db, row.to_email, reason=bounces.UNKNOWN_ADDRESS, now=now)
        return "refused"
    except TryLaterError as error:
        return _retry_later(row, worker, now, str(error))
    _record_outcome(row, worker, state="sent", sent_at=now, error=None)
    return "sent"


def _retry_later(row: OutboxMessage, worker: str, now: datetime, error: str) -> str:
    if row.tries >= MOST_TRIES:
        _record_outcome(row, worker, state="failed", error=error)
        return "refused"
    wait = min(FIRST_WAIT * 2 ** (row.tries - 1), LONGEST_WAIT)
    # jitter, so that messages that failed together are not retried together
    wait *= random.uniform(0.8, 1.2)  # noqa: S311
    _record_outcome(row, worker, state="queued", next_try_at=now + wait, error=error)
    return "later"


def _requeue(row: OutboxMessage, worker: str) -> str:
    """Return a message that was not tried for lack of time to the queue, for the next round."""
    _record_outcome(row, worker, state="queued", tries=row.tries - 1)
    return "later"


def _record_outcome(row: OutboxMessage, worker: str, **values: object) -> None:
    with transaction_for_system() as db:
        queries.record_attempt(db, row.id, worker, **values)
