"""Daily job: an alert, a call task and possibly a mail for each newly late pledge."""

from datetime import datetime

from app import alerts
from app.db import transaction_for_system
from jobs import clock
from jobs.tasks.job_messages import job_message


def run(now: datetime) -> str:
    """Raise new alerts, resolve obsolete ones, and return the counts."""
    with transaction_for_system() as db:
        done = alerts.raise_late_pledges(db, today=clock.today(db, now), now=now)
    return job_message(
        (done.raised, "new alert", None),
        (done.resolved, "alert no longer true", "alerts no longer true"),
        (done.mailed, "mail queued", "mails queued"),
    )
