"""Daily: every donor's rhythm worked out anew, and alerts for those who fall out of it."""

from datetime import datetime

from app import alerts, donors
from app.db import transaction_for_system
from jobs import clock
from jobs.job_messages import said


def run(now: datetime) -> str:
    """Score everybody, raise what is new, take back what is no longer true."""
    with transaction_for_system() as db:
        today = clock.today(db, now)
        scored = donors.score(db, today=today)
        done = alerts.raise_at_risk(db, today=today, now=now)
    return said(
        (scored, "donor scored", "donors scored"),
        (done.raised, "new alert", None),
        (done.resolved, "alert no longer true", "alerts no longer true"),
        (done.mailed, "mail queued", "mails queued"),
    )
