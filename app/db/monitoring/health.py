"""Health of the background processes: the scheduler's heartbeat and the outbox."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.db.models import Heartbeat, OutboxMessage
from app.db.session import Session

# older heartbeats count as those of a stopped scheduler
ALIVE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Health:
    """Ages in seconds; None where there is no heartbeat or no waiting mail."""

    heartbeat_age_seconds: float | None
    oldest_mail_seconds: float | None
    failed_mails: int


def report(db: Session) -> Health:
    """Return the age of the heartbeat and the state of the outbox, by the database's clock."""
    now = func.clock_timestamp()
    beat = db.scalar(select(func.extract("epoch", now - func.max(Heartbeat.at))))
    waiting = db.scalar(
        select(func.extract("epoch", now - func.min(OutboxMessage.next_try_at))).where(
            OutboxMessage.state.in_(("queued", "sending"))
        )
    )
    failed = db.scalar(
        select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == "failed")
    )
    return Health(
        None if beat is None else float(beat),
        None if waiting is None else max(0.0, float(waiting)),
        failed or 0,
    )
