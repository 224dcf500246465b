"""Nightly job: move the stored periods to the day, and compare every stored sum with the gifts."""

from datetime import datetime

from app import insights, pledges
from app.db import aggregate_check, transaction_for_system
from app.kit.errors import DonorCrmError
from jobs import clock


class SumsDifferError(DonorCrmError):
    """A stored sum differs from the sum of its gifts."""


def run(now: datetime) -> str:
    """Bring what is stored for the day up to date, and compare every stored sum with a fresh one.

    While gifts are being written the periods stay as they are: figures are exact all the same.

    Raises:
        SumsDifferError: some sums differ; the message names the tables and numbers of rows.
    """
    with transaction_for_system() as db:
        insights.move_stored_periods(db, today=clock.today(db, now))
        pledges.refresh_prepaid(db)
    with transaction_for_system() as db:
        differing = aggregate_check.differences(db)
    if differing:
        where = ", ".join(f"{table} ({rows:,})" for table, rows in differing.items())
        msg = (
            f"Kept sums differ from the gifts in {where}. "
            "Nothing was changed; ask whoever looks after the database."
        )
        raise SumsDifferError(msg)
    return "Every kept sum equals its gifts."
