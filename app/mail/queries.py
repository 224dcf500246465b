"""The outbox as SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.db import Session
from app.db.models import MailSuppression, OutboxMessage, User

ENDED = "The account ended before the message left."
NEVER_CAME = "This person has not signed in yet: only the invitation is sent."
# what also goes to people who have never signed in: the way to do so
WAYS_IN = ("invitation", "password_reset")
# After so long a claim belongs to a process that is gone.
LEASE = timedelta(minutes=10)


def key_before(db: Session, key: str, *, prefix: str) -> str | None:
    """Return the greatest key with a prefix that sorts before another."""
    statement = select(func.max(OutboxMessage.key)).where(
        OutboxMessage.key.startswith(prefix, autoescape=True), OutboxMessage.key < key
    )
    return db.scalar(statement)


def exists(db: Session, key: str) -> bool:
    """Whether a message of this key was ever queued."""
    return db.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None


def add(db: Session, **values: Any) -> bool:
    """Insert a message unless its key exists; say whether it is new."""
    statement = insert(OutboxMessage).values(**values)
    statement = statement.on_conflict_do_nothing(index_elements=["key"])
    return db.execute(statement.returning(OutboxMessage.id)).first() is not None


def add_unseen(db: Session, **values: Any) -> None:
    """Insert a message that the acting person may not read: nothing is asked back."""
    db.execute(insert(OutboxMessage).values(**values).inline())


def claim(db: Session, *, now: datetime, worker: str, limit: int) -> Sequence[OutboxMessage]:
    """Take messages that are due, skipping those another sender is taking."""
    due = or_(
        OutboxMessage.state == "queued",
        (OutboxMessage.state == "sending") & (OutboxMessage.claimed_at < now - LEASE),
    )
    chosen = (
        select(OutboxMessage.id)
        .where(due, OutboxMessage.next_try_at <= now)
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(chosen))
        .values(state="sending", claimed_at=now, claimed_by=worker, tries=OutboxMessage.tries + 1)
        .returning(OutboxMessage)
    )
    return sorted(db.scalars(statement).all(), key=lambda row: row.id)


def suppress(db: Session) -> None:
    """Hold back what waits for ended accounts, people who never came and stopped addresses."""
    waiting = update(OutboxMessage).where(OutboxMessage.state == "queued")
    ended = select(User.id).where(~User.active)
    db.execute(
        waiting.where(OutboxMessage.user_id.in_(ended)).values(state="suppressed", error=ENDED)
    )
    never_came = select(User.id).where(~User.participates)
    db.execute(
        waiting.where(
            OutboxMessage.user_id.in_(never_came), OutboxMessage.name.not_in(WAYS_IN)
        ).values(state="suppressed", error=NEVER_CAME)
    )
    stopped = (
        select(MailSuppression.reason)
        .where(MailSuppression.email == func.lower(OutboxMessage.to_email))
        .scalar_subquery()
    )
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "queued", stopped.is_not(None))
        .values(state="suppressed", error=stopped)
        .execution_options(synchronize_session=False)
    )


def room(db: Session, *, now: datetime, a_minute: int, a_day: int) -> int | None:
    """Return how many more messages may leave now; None: as many as there are.

    Only one sender at a time asks and claims, so that together they keep within the limits.
    """
    if not (a_minute or a_day):
        return None
    db.execute(text("select pg_advisory_xact_lock(hashtext('donorcrm:mail:room'))"))
    left = []
    for limit, span in ((a_minute, timedelta(minutes=1)), (a_day, timedelta(days=1))):
        on_the_way = OutboxMessage.state == "sending"
        gone = (OutboxMessage.state == "sent") & (OutboxMessage.sent_at > now - span)
        if limit:
            used = db.scalar(select(func.count()).where(or_(on_the_way, gone))) or 0
            left.append(max(0, limit - used))
    return min(left)


def settle(db: Session, message_id: int, worker: str, **values: Any) -> None:
    """Write the outcome of a message this worker had claimed."""
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
    """List messages, the newest first."""
    statement = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    if user_id is not None:
        statement = statement.where(OutboxMessage.user_id == user_id)
    if states:
        statement = statement.where(OutboxMessage.state.in_(states))
    return db.scalars(statement).all()


def requeue(db: Session, *, message_id: int, now: datetime) -> bool:
    """Make a failed message wait again; say whether there was one."""
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.state == "failed")
        .values(state="queued", tries=0, next_try_at=now, error=None)
        .returning(OutboxMessage.id)
    )
    return db.execute(statement).first() is not None


def counts(db: Session, *, since: datetime) -> tuple[int, int, int]:
    """Count the messages sent since a moment, waiting for another try, and failed since."""
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


def stop(db: Session, email: str, *, reason: str, now: datetime) -> bool:
    """Send this address nothing any more; False when it is stopped already."""
    statement = insert(MailSuppression).values(email=email.lower(), reason=reason, since=now)
    done = db.execute(statement.on_conflict_do_nothing().returning(MailSuppression.email))
    return done.first() is not None


def allow(db: Session, email: str) -> bool:
    """Send this address mail again; False when it was not stopped."""
    statement = delete(MailSuppression).where(MailSuppression.email == email.lower())
    return db.execute(statement.returning(MailSuppression.email)).first() is not None


def stopped(db: Session) -> Sequence[MailSuppression]:
    """List the addresses that are sent nothing, the newest first."""
    chosen = select(MailSuppression).order_by(MailSuppression.since.desc(), MailSuppression.email)
    return db.scalars(chosen).all()


def by_number(db: Session, number: int) -> OutboxMessage | None:
    """Return a message by its number."""
    return db.get(OutboxMessage, number)


def by_message_id(db: Session, message_id: str) -> OutboxMessage | None:
    """Return a message by the Message-ID it left with."""
    return db.scalar(select(OutboxMessage).where(OutboxMessage.message_id == message_id))


def came_back(db: Session, number: int, *, why: str) -> None:
    """Write on a message that left that it could not be delivered."""
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == number, OutboxMessage.state == "sent")
        .values(state="failed", error=why)
    )
