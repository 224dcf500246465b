"""Pledges and gifts of many donors as numpy arrays; no database."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]

# pledge frequency ("" = none), share of donors, gifts per year, months between gifts
RHYTHMS = (
    ("monthly", 0.26, 12.0, 1),
    ("quarterly", 0.08, 4.0, 3),
    ("annual", 0.04, 1.0, 12),
    ("", 0.22, 1.0, 12),
    ("", 0.14, 1.0, 12),
    ("", 0.16, 1.5, 0),
    ("", 0.06, 0.2, 0),
    ("", 0.04, 0.0, 0),
)
YEAR_END, LAST_MONTH = 4, 12
YEARS = 6
DAYS = YEARS * 365
# shares of the pledges: paid on time, late, cancelled
STANDINGS = (0.88, 0.05, 0.07)
LATE, GIVEN_UP = 1, 2
AMOUNTS = np.array([2000, 2500, 3000, 5000, 5000, 7500, 10_000, 10_000, 15_000, 25_000, 50_000])


@dataclass(frozen=True, slots=True)
class Giving:
    """Arrays per donor (0..donors-1), then arrays per gift; amounts in minor units."""

    today: np.datetime64
    counts: Numbers
    promised: Numbers
    frequency: Numbers
    anchor: Numbers
    start: Numbers
    status: Numbers
    amounts: Numbers
    donor: Numbers
    on: Numbers
    minor: Numbers
    linked: Numbers


def generate_giving(rng: np.random.Generator, *, donors: int, gifts: int, today: date) -> Giving:
    """Generate `donors` donors with exactly `gifts` gifts in total, none after `today`."""
    day = np.datetime64(today, "D")
    rhythm = rng.choice(len(RHYTHMS), donors, p=[share for _, share, _, _ in RHYTHMS])
    a_year = np.array([rate for _, _, rate, _ in RHYTHMS])[rhythm]
    counts = _split_by_weight(gifts, a_year * rng.uniform(0.15, 1.0, donors))
    frequency = np.array([name for name, _, _, _ in RHYTHMS])[rhythm]
    step = np.array([months for _, _, _, months in RHYTHMS])[rhythm]
    promised = (frequency != "") & (counts > 0)
    standing = rng.choice(3, donors, p=STANDINGS)
    anchor = rng.integers(1, 29, donors)
    last = _last_month(rng, day, anchor, step, standing)
    last = np.where(rhythm == YEAR_END, _last_december(day), last)
    # gifts beyond what the rhythm has due dates for in six years get a random date, no pledge
    regular_gifts = np.where(
        step > 0, np.minimum(counts, YEARS * LAST_MONTH // np.maximum(step, 1)), 0
    )
    donor = np.repeat(np.arange(donors), counts)
    index = np.arange(gifts) - np.repeat(np.cumsum(counts) - counts, counts)
    steady = index < regular_gifts[donor]
    linked = steady & promised[donor]
    amounts = rng.choice(AMOUNTS, donors)
    month = (last[donor] - index * step[donor]).astype("datetime64[M]").astype("datetime64[D]")
    jitter = np.where(linked, rng.integers(0, 4, gifts), rng.integers(-9, 10, gifts))
    on = np.where(steady, month + anchor[donor] - 1 + jitter, day - rng.integers(0, DAYS, gifts))
    return Giving(
        today=day,
        counts=counts,
        promised=promised,
        frequency=frequency,
        anchor=anchor,
        start=(last - np.maximum(regular_gifts - 1, 0) * step).astype("datetime64[M]"),
        status=np.where(standing == GIVEN_UP, "cancelled", "active"),
        amounts=amounts,
        donor=donor,
        on=np.minimum(on, day),
        minor=np.where(linked, amounts[donor], rng.choice(AMOUNTS, gifts)),
        linked=linked,
    )


def _split_by_weight(total: int, weights: Numbers) -> Numbers:
    """Split a whole number by weight into whole parts that add up to it."""
    if not weights.sum():
        weights = np.ones_like(weights)
    edges = np.round(np.cumsum(weights) / weights.sum() * total).astype("int64")
    return np.diff(edges, prepend=0)


def _last_month(
    rng: np.random.Generator, day: np.datetime64, anchor: Numbers, step: Numbers, standing: Numbers
) -> Numbers:
    """Return the month of each donor's last gift, as months since 1970."""
    this_month = day.astype("datetime64[M]").astype("int64")
    day_of_month = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype("int64") + 1
    last = this_month - (anchor + 4 > day_of_month)
    spread = rng.integers(0, np.maximum(step, 1))
    missed = np.where(standing == LATE, rng.integers(1, 4, len(anchor)) * np.maximum(step, 1), 0)
    ended = np.where(standing == GIVEN_UP, rng.integers(4, 40, len(anchor)), 0)
    return np.asarray(last - spread - missed - ended)


def _last_december(day: np.datetime64) -> np.int64:
    this_month: np.int64 = day.astype("datetime64[M]").astype("int64")
    return this_month // LAST_MONTH * LAST_MONTH - 1
