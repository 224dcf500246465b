"""Daily: every donor's rhythm worked out anew, and alerts for those who fall out of it."""

from datetime import datetime

from app import alerts, donors
from app.db import transaction
from app.kit.words import count
from jobs import clock


def run(now: datetime) -> str:
    """Score everybody, raise what is new, take back what is no longer true."""
    with transaction() as db:
        today = clock.today(db, now)
        scored = donors.score(db, today=today)
        done = alerts.raise_at_risk(db, today=today, now=now)
    return (
        f"{count(scored, 'donor')} scored, {count(done.raised, 'new alert')}, "
        f"{done.resolved:,} no longer true, {count(done.mailed, 'mail')} queued."
    )
