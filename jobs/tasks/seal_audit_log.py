"""Job every ten minutes: seal new lines of the audit log into the hash chain."""

from datetime import datetime

from app import audit
from app.db import transaction_for_system
from jobs.tasks.job_messages import job_message


def run(_now: datetime) -> str:
    """Seal the lines not sealed yet, and return their number."""
    with transaction_for_system() as db:
        sealed = audit.seal(db)
    return job_message((sealed, "line sealed", "lines sealed"))
