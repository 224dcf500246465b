"""Weekly: the alerts are held to what came after them."""

from datetime import datetime

from app import donors
from app.db import transaction_for_system
from jobs import clock
from jobs.job_messages import said


def run(now: datetime) -> str:
    """Measure on the organisation's own past, and keep the report for the screen."""
    with transaction_for_system() as db:
        found = donors.measure_reliability(db, today=clock.today(db, now))
    return said(
        (found.verdicts, "earlier verdict checked", "earlier verdicts checked"),
        (found.alarms, "earlier alarm", None),
        (found.false_alarms, "of them false", "of them false"),
    )
