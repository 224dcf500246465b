"""Queries on the outbox and the suppressed addresses."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, and_, cast, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import (
    Alert,
    Donor,
    MailServer,
    MailSuppression,
    Organisation,
    OutboxMessage,
    User,
)

ACCOUNT_ENDED = "The account ended before the message left."
NEVER_SIGNED_IN = "This person has not signed in yet: only the invitation is sent."
CAUSE_ENDED = "What it is about ended before the message left."
# mails that also go to users who have never signed in: they contain the link to do so
SIGN_IN_MAILS = ("invitation", "password_reset")
# After this time a claim is considered abandoned by a dead process.
LEASE = timedelta(minutes=10)


def key_before(db: Session, key: str, *, prefix: str) -> str | None:
    """Return the greatest key with a prefix that sorts before another."""
    statement = select(func.max(OutboxMessage.key)).where(
        OutboxMessage.key.startswith(prefix, autoescape=True), OutboxMessage.key < key
    )
    return db.scalar(statement)


def exists(db: Session, key: str) -> bool:
    """Return whether a message with this key was ever queued."""
    return db.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None


def add(db: Session, **values: object) -> bool:
    """Insert a message unless its key exists; return whether it is new."""
    statement = insert(OutboxMessage).values(**values)
    statement = statement.on_conflict_do_nothing(index_elements=["key"])
    return db.execute(statement.returning(OutboxMessage.id)).first() is not None


def add_unreadable(db: Session, **values: object) -> None:
    """Insert a message that the actor may not read, without RETURNING."""
    db.execute(insert(OutboxMessage).values(**values).inline())


def claim(db: Session, *, now: datetime, worker: str, limit: int) -> Sequence[OutboxMessage]:
    """Claim up to `limit` due messages, and skip those that another sender is claiming."""
    due = or_(
        OutboxMessage.state == "queued",
        (OutboxMessage.state == "sending") & (OutboxMessage.claimed_at < now - LEASE),
    )
    due_ids = (
        select(OutboxMessage.id)
        .where(due, OutboxMessage.next_try_at <= now)
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(due_ids))
        .values(state="sending", claimed_at=now, claimed_by=worker, tries=OutboxMessage.tries + 1)
        .returning(OutboxMessage)
    )
    return sorted(db.scalars(statement).all(), key=lambda row: row.id)


def suppress_queued(db: Session) -> None:
    """Suppress queued mail to inactive accounts, unaccepted invitees and suppressed addresses.

    Also mail about alerts that waited for the end of quiet hours and is no longer true.
    """
    queued = update(OutboxMessage).where(OutboxMessage.state == "queued")
    ended_accounts = select(User.id).where(~User.active)
    db.execute(
        queued.where(OutboxMessage.user_id.in_(ended_accounts)).values(
            state="suppressed", error=ACCOUNT_ENDED
        )
    )
    never_signed_in = select(User.id).where(~User.participates)
    db.execute(
        queued.where(
            OutboxMessage.user_id.in_(never_signed_in), OutboxMessage.name.not_in(SIGN_IN_MAILS)
        ).values(state="suppressed", error=NEVER_SIGNED_IN)
    )
    db.execute(
        queued.where(_about_late_pledge_that_ended() | _names_donor_who_died())
        .values(state="suppressed", error=CAUSE_ENDED)
        .execution_options(synchronize_session=False)
    )
    reason = (
        select(MailSuppression.reason)
        .where(MailSuppression.email == func.lower(OutboxMessage.to_email))
        .scalar_subquery()
    )
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "queued", reason.is_not(None))
        .values(state="suppressed", error=reason)
        .execution_options(synchronize_session=False)
    )


def _about_late_pledge_that_ended() -> ColumnElement[bool]:
    """Return a condition: the mail is about one late pledge whose alert was dealt with."""
    ended = select(func.concat("mail:", Alert.key)).where(
        Alert.kind == "late_pledge", Alert.state != "open"
    )
    return and_(OutboxMessage.name == "late_pledge_alert", OutboxMessage.key.in_(ended))


def _names_donor_who_died() -> ColumnElement[bool]:
    """Return a condition: one of the donors newly at risk on the mail's day has died since."""
    died = (
        select(Alert.id)
        .join(Donor, Donor.id == Alert.donor_id)
        .where(
            Alert.kind == "at_risk",
            Donor.deceased,
            Donor.owner_id == OutboxMessage.user_id,
            # the key is mail:at_risk:<user>:<day>:<donor>
            func.split_part(OutboxMessage.key, ":", 4) == cast(Alert.raised_on, Text),
        )
    )
    return and_(OutboxMessage.name == "at_risk_donors_alert", died.exists())


def free_slots(db: Session, *, now: datetime, a_minute: int, a_day: int) -> int | None:
    """Return how many more messages the rate limits allow now, or None without limits.

    A lock lets one sender at a time count and claim, so that together they obey the limits.
    """
    if not (a_minute or a_day):
        return None
    db.execute(text("select pg_advisory_xact_lock(hashtext('donorcrm:mail:room'))"))
    free = []
    for limit, span in ((a_minute, timedelta(minutes=1)), (a_day, timedelta(days=1))):
        in_progress = OutboxMessage.state == "sending"
        recently_sent = (OutboxMessage.state == "sent") & (OutboxMessage.sent_at > now - span)
        if limit:
            used = db.scalar(select(func.count()).where(or_(in_progress, recently_sent))) or 0
            free.append(max(0, limit - used))
    return min(free)


def record_attempt(db: Session, message_id: int, worker: str, **values: object) -> None:
    """Store the outcome of a message that this worker has claimed."""
    db.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.state == "sending",
            OutboxMessage.claimed_by == worker,
        )
        .values(**values)
    )


def newest(
    db: Session, *, states: tuple[str, ...], limit: int, user_id: int | None
) -> Sequence[OutboxMessage]:
    """Return messages, the newest first; without `states` those of every state."""
    statement = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    if user_id is not None:
        statement = statement.where(OutboxMessage.user_id == user_id)
    if states:
        statement = statement.where(OutboxMessage.state.in_(states))
    return db.scalars(statement).all()


def requeue(db: Session, *, message_id: int, now: datetime) -> bool:
    """Put a failed message back into the queue; return whether there was one."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.state == "failed")
        .values(state="queued", tries=0, next_try_at=now, error=None)
        .returning(OutboxMessage.id)
    )
    return db.execute(statement).first() is not None


def counts(db: Session, *, since: datetime) -> tuple[int, int, int]:
    """Count the messages sent since a moment, waiting for a retry, and failed since."""
    state = OutboxMessage.state
    row = db.execute(
        select(
            func.count().filter(state == "sent", OutboxMessage.sent_at >= since),
            func.count().filter(state == "queued", OutboxMessage.tries > 0),
            func.count().filter(state == "failed", OutboxMessage.claimed_at >= since),
        ).where(
            or_(
                state == "queued",
                OutboxMessage.sent_at >= since,
                OutboxMessage.claimed_at >= since,
            )
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def states(db: Session) -> dict[str, int]:
    """Count the messages by state."""
    rows = db.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    return {row[0]: int(row[1]) for row in rows}


def suppress_address(db: Session, email: str, *, reason: str, now: datetime) -> bool:
    """Suppress this address; return False when it is suppressed already."""
    statement = insert(MailSuppression).values(email=email.lower(), reason=reason, since=now)
    inserted = db.execute(statement.on_conflict_do_nothing().returning(MailSuppression.email))
    return inserted.first() is not None


def allow_address(db: Session, email: str) -> bool:
    """End the suppression of this address; return False when it was not suppressed."""
    statement = delete(MailSuppression).where(MailSuppression.email == email.lower())
    return db.execute(statement.returning(MailSuppression.email)).first() is not None


def suppressed_addresses(db: Session) -> Sequence[MailSuppression]:
    """Return the suppressed addresses, the newest first."""
    statement = select(MailSuppression).order_by(
        MailSuppression.since.desc(), MailSuppression.email
    )
    return db.scalars(statement).all()


def by_id(db: Session, number: int) -> OutboxMessage | None:
    """Return a message by its id in the outbox."""
    return db.get(OutboxMessage, number)


def by_message_id(db: Session, message_id: str) -> OutboxMessage | None:
    """Return a message by its Message-ID header."""
    return db.scalar(select(OutboxMessage).where(OutboxMessage.message_id == message_id))


def record_bounce(db: Session, number: int, *, reason: str) -> None:
    """Mark a sent message as failed because it bounced."""
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == number, OutboxMessage.state == "sent")
        .values(state="failed", error=reason)
    )


def mail_server(db: Session) -> MailServer | None:
    """Return the row of the mail server set in the browser, or None."""
    return db.get(MailServer, 1, populate_existing=True)


def set_mail_server(db: Session, **values: object) -> None:
    """Insert or replace the mail server."""
    changes = values | {"updated_at": func.now()}
    statement = insert(MailServer).values(id=1, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def remove_mail_server(db: Session) -> None:
    """Delete the mail server."""
    db.execute(delete(MailServer))


def sender_name(db: Session) -> str:
    """Return the organisation's name for the From header, "" without one."""
    return db.scalar(select(Organisation.sender_name)) or ""
