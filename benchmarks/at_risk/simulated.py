"""Simulated donors with a known day of stopping, which real data does not contain."""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

START, END = date(2017, 1, 1), date(2026, 1, 1)
DAYS = (END - START).days
# name → (share of donors, days between gifts, jitter in days)
CADENCES = {
    "monthly": (0.35, 30.44, 3.0),
    "quarterly": (0.15, 91.3, 8.0),
    "annual": (0.20, 365.25, 20.0),
    "year-end": (0.10, 365.25, 12.0),
    "irregular": (0.20, 120.0, 0.0),
}
SKIPPED = 0.04
CHANGING = 0.06
# half-life: half of the donors have stopped after so many days
STAYING_DAYS = 4 * 365.25
YEAR_END = (date(2017, 12, 18) - START).days


@dataclass(frozen=True, slots=True)
class Simulated:
    """Gifts, and for each donor the cadence and the day of the first missed gift.

    `missed` counts days from START; a donor who never stopped has a day beyond the end.
    """

    gifts: pd.DataFrame
    cadence: np.ndarray
    missed: np.ndarray


def simulate(donors: int, *, seed: int) -> Simulated:
    """Return simulated donors who give by their cadence from a first day until they stop."""
    dice = np.random.default_rng(seed)
    names = list(CADENCES)
    cadence = dice.choice(names, donors, p=[CADENCES[name][0] for name in names])
    rows, missed = [], np.full(donors, DAYS * 10)
    for donor in range(donors):
        begins = dice.uniform(0, DAYS * 0.6)
        stops = begins + dice.exponential(STAYING_DAYS / np.log(2))
        given, missed[donor] = _days(str(cadence[donor]), begins, stops, dice)
        rows += [(donor, day) for day in given]
    ids, days = (np.array(column) for column in zip(*rows, strict=True))
    gifts = pd.DataFrame(
        {
            "donor_id": ids,
            "gift_date": np.datetime64(START) + days.astype("timedelta64[D]"),
            "amount": dice.choice([20.0, 25.0, 50.0, 100.0], len(ids)),
        }
    )
    return Simulated(gifts, cadence, missed)


def _days(
    cadence: str, begins: float, stops: float, dice: np.random.Generator
) -> tuple[list[int], int]:
    """Return the giving days, and the day of the first gift that was due but missed."""
    changes = dice.uniform(begins, DAYS) if dice.random() < CHANGING else np.inf
    days: list[int] = []
    due = _first(cadence, begins)
    while due < DAYS:
        if due >= changes:
            cadence, changes = str(dice.choice(["monthly", "quarterly", "annual"])), np.inf
        _, gap, jitter = CADENCES[cadence]
        if due >= stops:
            return days, int(due)
        day = int(due + dice.normal(0, jitter)) if jitter else int(due)
        # irregular donors have no due dates they could skip
        if (cadence == "irregular" or dice.random() >= SKIPPED) and 0 <= day < DAYS:
            days.append(day)
        due += dice.exponential(gap) if cadence == "irregular" else gap
    return days, DAYS * 10


def _first(cadence: str, begins: float) -> float:
    if cadence != "year-end":
        return begins
    return YEAR_END + 365.25 * math.ceil(max(begins - YEAR_END, 0) / 365.25)
