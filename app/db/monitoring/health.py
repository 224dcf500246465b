"""Health of the background processes: the scheduler's heartbeat and the outbox."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.db.models import Heartbeat, OutboxMessage
from app.db.session import Session

# older heartbeats count as those of a stopped scheduler
ALIVE_SECONDS = 60
# e-mail that waits longer counts as not being sent
OLD_MAIL_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Health:
    """Ages in seconds; None where there is no heartbeat or no waiting mail."""

    heartbeat_age_seconds: float | None
    oldest_mail_seconds: float | None
    failed_mails: int

    @property
    def scheduler_alive(self) -> bool:
        """Tell whether the last heartbeat is recent."""
        age = self.heartbeat_age_seconds
        return age is not None and age <= ALIVE_SECONDS

    @property
    def mail_delayed(self) -> bool:
        """Tell whether an e-mail has been waiting for too long."""
        return (self.oldest_mail_seconds or 0) > OLD_MAIL_SECONDS


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
