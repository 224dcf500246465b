"""Nightly: the sums the database keeps are worked out a second way and compared."""

from datetime import datetime

from app.db import aggregate_check, transaction_for_system
from app.kit.errors import DonorCrmError


class SumsDifferError(DonorCrmError):
    """A kept sum is not what the gifts add up to."""


def run(_now: datetime) -> str:
    """Compare every kept sum with a fresh aggregate of the gifts.

    Raises:
        SumsDifferError: says in which tables and how many rows.
    """
    with transaction_for_system() as db:
        found = aggregate_check.differences(db)
    if found:
        where = ", ".join(f"{table} ({rows:,})" for table, rows in found.items())
        msg = (
            f"Kept sums differ from the gifts in {where}. "
            "Nothing was changed; ask whoever looks after the database."
        )
        raise SumsDifferError(msg)
    return "Every kept sum equals its gifts."
