"""Daily job: score donors' giving rhythm and raise alerts for donors at risk."""

from datetime import datetime

from app import alerts, donors, pledges
from app.db import transaction_for_system
from jobs import clock
from jobs.tasks.job_messages import job_message


def run(now: datetime) -> str:
    """Score whom a change or the day concerns, raise new alerts, resolve obsolete ones, and count.

    The number of donors is of those scored again; the others' scores hold.
    """
    with transaction_for_system() as db:
        today = clock.today(db, now)
        scored = donors.score_due(
            db,
            today=today,
            paid_up=lambda ids: pledges.paid_up(db, today=today, donor_ids=ids),
        )
        done = alerts.raise_at_risk(db, today=today, now=now)
    return job_message(
        (scored.donors, "donor scored", "donors scored"),
        (done.raised, "new alert", None),
        (done.resolved, "alert no longer true", "alerts no longer true"),
        (done.mailed, "mail queued", "mails queued"),
    )
