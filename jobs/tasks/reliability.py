"""Weekly job: backtest the alerts against the gifts that followed."""

from datetime import datetime

from app import donors
from app.db import transaction_for_system
from jobs import clock
from jobs.tasks.job_messages import job_message


def run(now: datetime) -> str:
    """Measure on the organisation's own history, and store the report for the screen."""
    with transaction_for_system() as db:
        reliability = donors.measure_reliability(db, today=clock.today(db, now))
    return job_message(
        (reliability.verdicts, "earlier verdict checked", "earlier verdicts checked"),
        (reliability.alarms, "earlier alarm", None),
        (reliability.false_alarms, "of them false", "of them false"),
    )
