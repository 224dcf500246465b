"""Outbox of messages to send: one row per key, queued in the transaction of its cause."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import make_msgid

from app.db import Session
from app.db.models import OutboxMessage
from app.kit.errors import NotFoundError
from app.mail import queries, render, unsubscribe_links
from app.mail.server import sender_domain
from app.mail.template_context import AnyMail, AtRiskMail, LateMail, WeeklyMail

# mails that are sent without a request of the user, with an unsubscribe link
REGULAR = (WeeklyMail, LateMail, AtRiskMail)
# what follows these in a link lets whoever has it act as the recipient
_SECRET = re.compile(r"(/api/v1/mail/|[?&]code=)\S+")


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the outbox, for the administrator's screen."""

    message_id: int
    name: str
    to_email: str
    subject: str
    state: str
    tries: int
    created_at: datetime
    sent_at: datetime | None
    next_try_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """One message with its text."""

    message: Message
    text: str


def queue(
    db: Session,
    *,
    key: str,
    name: str,
    to: str,
    user_id: int | None,
    mail: AnyMail,
    now: datetime,
    after: datetime | None = None,
) -> bool:
    """Render and queue a message unless its key was queued before; return whether it is new.

    It is due at once, or at `after` if that is later.
    """
    if queries.exists(db, key):
        return False
    return queries.add(
        db,
        **_values(
            domain=sender_domain(db),
            key=key,
            name=name,
            to=to,
            user_id=user_id,
            mail=mail,
            due=max(now, after or now),
            now=now,
        ),
    )


def queue_unreadable(
    db: Session, *, key: str, name: str, to: str, user_id: int, mail: AnyMail, now: datetime
) -> None:
    """Render and queue a message, under a new key, that the actor may write but not read."""
    values = _values(
        domain=sender_domain(db),
        key=key,
        name=name,
        to=to,
        user_id=user_id,
        mail=mail,
        due=now,
        now=now,
    )
    queries.add_unreadable(db, **values)


def _values(
    *,
    domain: str,
    key: str,
    name: str,
    to: str,
    user_id: int | None,
    mail: AnyMail,
    due: datetime,
    now: datetime,
) -> dict[str, object]:
    headers = {}
    if isinstance(mail, REGULAR) and user_id is not None:
        # preferences change without signing in, in mail programs by one click (RFC 8058)
        link = unsubscribe_links.email_preferences_link(user_id, name, now=now)
        mail = replace(mail, settings_link=link)
        headers["List-Unsubscribe"] = f"<{link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return {
        "key": key,
        "name": name,
        "to_email": to,
        "user_id": user_id,
        "subject": mail.subject,
        "text_body": render.text(name, mail),
        "html_body": render.html(name, mail),
        "headers": headers,
        # fixed here, so that mail programs recognise a message sent twice after a crash
        "message_id": make_msgid(domain=domain),
        "next_try_at": due,
    }


def was_queued(db: Session, *, key: str) -> bool:
    """Return whether a message with this key was ever queued."""
    return queries.exists(db, key)


def key_before(db: Session, *, key: str, prefix: str) -> str | None:
    """Return the greatest key with this prefix that sorts before `key`, or None."""
    return queries.key_before(db, key, prefix=prefix)


def counts(db: Session, *, since: datetime) -> tuple[int, int, int]:
    """Count the messages sent since a moment, waiting for a retry, and failed since."""
    return queries.counts(db, since=since)


def states(db: Session) -> dict[str, int]:
    """Count the messages by state; states without any are left out."""
    return queries.states(db)


def messages(
    db: Session, *, states: tuple[str, ...] = (), user_id: int | None = None, limit: int = 200
) -> list[Message]:
    """Return the newest messages, optionally only of some states or of one user."""
    return [
        _message(row) for row in queries.newest(db, states=states, limit=limit, user_id=user_id)
    ]


def opened(db: Session, *, message_id: int) -> OpenedMessage:
    """Return a message with its text, in which the links that work without signing in are cut.

    With such a link whoever reads the outbox could act as the recipient.

    Raises:
        NotFoundError: there is no message with this id any more.
    """
    row = queries.by_id(db, message_id)
    if row is None:
        msg = "This message is not in the outbox any more."
        raise NotFoundError(msg)
    return OpenedMessage(_message(row), _SECRET.sub(r"\1…", row.text_body))


def _message(row: OutboxMessage) -> Message:
    return Message(
        message_id=row.id,
        name=row.name,
        to_email=row.to_email,
        subject=row.subject,
        state=row.state,
        tries=row.tries,
        created_at=row.created_at,
        sent_at=row.sent_at,
        next_try_at=row.next_try_at,
        error=row.error,
    )


def resend(db: Session, *, message_id: int, now: datetime) -> None:
    """Put a failed message back into the queue.

    Raises:
        NotFoundError: there is no failed message with this id.
    """
    if not queries.requeue(db, message_id=message_id, now=now):
        msg = "This message is not waiting for another try."
        raise NotFoundError(msg)


@dataclass(frozen=True, slots=True)
class SuppressedAddress:
    """A suppressed address."""

    email: str
    reason: str
    since: datetime


def suppressed_addresses(db: Session) -> list[SuppressedAddress]:
    """Return the suppressed addresses with their reasons, the newest first."""
    return [
        SuppressedAddress(row.email, row.reason, row.since)
        for row in queries.suppressed_addresses(db)
    ]


def suppress_address(db: Session, *, email: str, reason: str, now: datetime) -> bool:
    """Suppress an address; return False when it is suppressed already."""
    return queries.suppress_address(db, email.strip(), reason=reason, now=now)


def allow_address(db: Session, *, email: str) -> None:
    """End the suppression of an address.

    Raises:
        NotFoundError: it is not suppressed.
    """
    if not queries.allow_address(db, email.strip()):
        msg = "This address is sent mail already."
        raise NotFoundError(msg)
