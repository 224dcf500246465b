"""Nightly job: compare the stored sums with aggregates computed from the gifts."""

from datetime import datetime

from app.db import aggregate_check, transaction_for_system
from app.kit.errors import DonorCrmError


class SumsDifferError(DonorCrmError):
    """A stored sum differs from the sum of its gifts."""


def run(_now: datetime) -> str:
    """Compare every stored sum with a fresh aggregate of the gifts.

    Raises:
        SumsDifferError: some sums differ; the message names the tables and numbers of rows.
    """
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
