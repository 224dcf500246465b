"""Daily: an alert, a call and perhaps a mail for each pledge that has become late."""

from datetime import datetime

from app import alerts
from app.db import transaction
from app.kit.words import count
from jobs import clock


def run(now: datetime) -> str:
    """Raise what is new, take back what is no longer true, and say how many."""
    with transaction() as db:
        done = alerts.raise_late_pledges(db, today=clock.today(db, now), now=now)
    return (
        f"{count(done.raised, 'new alert')}, {done.resolved:,} no longer true, "
        f"{count(done.mailed, 'mail')} queued."
    )
