"""Daily: an alert, a call and perhaps a mail for each pledge that has become late."""

from datetime import datetime

from app import alerts
from app.db import transaction_for_system
from jobs import clock
from jobs.job_messages import said


def run(now: datetime) -> str:
    """Raise what is new, take back what is no longer true, and say how many."""
    with transaction_for_system() as db:
        done = alerts.raise_late_pledges(db, today=clock.today(db, now), now=now)
    return said(
        (done.raised, "new alert", None),
        (done.resolved, "alert no longer true", "alerts no longer true"),
        (done.mailed, "mail queued", "mails queued"),
    )
