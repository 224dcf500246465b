"""Assess each donor's own giving rhythm and the risk that they stop. Pure functions.

No data from the future is used: the chance of no further gift and the peer counts are both learnt
by replaying the same gifts from earlier cut-off days, each with the gifts up to that day only.
"""

from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.donors.at_risk.giving_history import Floats, Ints, Position, file_of, positions
from app.donors.at_risk.replay_model import Model, Past, learn
from app.kit import formatting

Days = npt.NDArray[np.datetime64]

REGULAR_SPREAD = 0.35
AT_RISK, SLIPPING, OVERDUE = 0.6, 0.5, 1.1
LAPSED_RATIO, LAPSED_DAYS = 4.0, 730
FEWEST_PEERS = 10
COLUMNS = [
    "donor_id",
    "gifts",
    "last_gift",
    "rhythm_days",
    "overdue_ratio",
    "regular",
    "risk",
    "status",
    "expected_by",
    "peers",
    "peers_returned",
]


def assess(gifts: pd.DataFrame, as_of: date, *, horizon_days: int | None = None) -> pd.DataFrame:
    """Assess every donor's giving rhythm as of a day.

    Args:
        gifts: donor_id (int), gift_date, amount; any order. Gifts after `as_of` are ignored.
        as_of: the day to assess.
        horizon_days: the days ahead that `risk` covers; by default two of the donor's own cycles.

    Returns:
        One row per donor with a gift by then, by donor_id: donor_id, gifts (giving days),
        last_gift, rhythm_days (the file's median for donors with one gift), overdue_ratio (days
        since the last gift ÷ rhythm), regular, risk (0..1, the chance of no gift within the
        horizon), status, expected_by, peers (other donors once in the same position),
        peers_returned.
    """
    today = ordinal(as_of)
    donors, days = counted_gifts(gifts, today)
    if not len(donors):
        return pd.DataFrame(columns=COLUMNS)
    file = file_of(donors, days)
    now = positions(file, today)
    model, past = learn(file, now, today, horizon_days)
    return scored(file.ids, now, today, verdicts(now, model, past, horizon_days))


class Verdicts(NamedTuple):
    """What a model says of donors in some positions; one row per donor."""

    status: npt.NDArray[np.str_]
    risk: Floats
    peers: Ints
    peers_returned: Ints


def verdicts(now: Position, model: Model, past: Past, horizon_days: int | None = None) -> Verdicts:
    """Return what a model says of each donor, from the donor's own position alone.

    Args:
        now: the positions, with the rhythm of the model's file for donors with one gift.
        model: from `learn`.
        past: these donors' own part in the peers of the model.
        horizon_days: the days ahead that `risk` covers; by default two of the donor's own cycles.
    """
    risk = model.risk(now, horizon_days)
    peers, returned = model.peers(now, past)
    return Verdicts(status_labels(now, now.since / now.rhythm, risk), risk, peers, returned)


def scored(ids: Ints, now: Position, today: int, given: Verdicts) -> pd.DataFrame:
    """Return the table of scores of some donors, in the columns of `assess`."""
    last = (today - now.since.astype(np.int64)).astype("datetime64[D]")
    return pd.DataFrame(
        {
            "donor_id": ids,
            "gifts": now.gifts,
            "last_gift": pd.Series(last.astype(object), dtype=object),
            "rhythm_days": now.rhythm,
            "overdue_ratio": now.since / now.rhythm,
            "regular": np.nan_to_num(now.spread, nan=np.inf) < REGULAR_SPREAD,
            "risk": given.risk,
            "status": given.status,
            "expected_by": pd.Series(_expected(last, now.rhythm), dtype=object),
            "peers": given.peers,
            "peers_returned": given.peers_returned,
        }
    )


def ordinal(day: date) -> int:
    """Return a day as the number of days since 1970."""
    return int(np.datetime64(day, "D").astype(np.int64))


def counted_gifts(gifts: pd.DataFrame, today: int) -> tuple[Ints, Ints]:
    """Return donor ids and days (since 1970) of the gifts up to today, without refunds."""
    days = pd.to_datetime(gifts["gift_date"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    counted = (days <= today) & ~(gifts["amount"].to_numpy() < 0)
    return gifts["donor_id"].to_numpy().astype(np.int64)[counted], days[counted]


def status_labels(now: Position, ratio: Floats, risk: Floats) -> npt.NDArray[np.str_]:
    """Return each donor's status according to the thresholds above."""
    overdue = ratio > OVERDUE
    lapsed = (ratio >= LAPSED_RATIO) | (now.since > np.maximum(LAPSED_DAYS, 2 * now.rhythm))
    return np.select(
        [now.gifts == 1, lapsed, overdue & (risk >= AT_RISK), overdue & (risk >= SLIPPING)],
        ["second gift", "lapsed", "at risk", "slipping"],
        "on rhythm",
    )


def _expected(last: Days, rhythm: Floats) -> npt.NDArray[np.object_]:
    day: npt.NDArray[np.object_] = (last + np.round(rhythm).astype("timedelta64[D]")).astype(
        object
    )
    return day


def sentence(
    *,
    gifts: int,
    rhythm_days: float,
    regular: bool,
    days_since: int,
    expected_by: str,
    peers: int,
    peers_returned: int,
    locale: str,
) -> str:
    """Return two or three sentences: the donor's rhythm and why it looks broken.

    `expected_by` is an already formatted day; `days_since` is counted from the last gift. Only
    for donors with two giving days or more, because a single gift has no rhythm.
    """
    rhythm = max(1, round(rhythm_days))
    count = partial(formatting.count, locale=locale)
    number = partial(formatting.number, locale=locale)
    every = "every day" if rhythm == 1 else f"every {count(rhythm, 'day')}"
    habit = ", very regular" if regular else ""
    ago = "today" if days_since == 0 else f"{count(days_since, 'day')} ago"
    usual = round(days_since / rhythm_days, 1)
    times = "as long as" if usual == 1 else f"{number(usual, decimals=1)} times"
    text = (
        f"Gives about {every} ({count(gifts, 'gift')}{habit}). "
        f"Last gift {ago}, {times} the usual gap; expected about {expected_by}."
    )
    if peers < FEWEST_PEERS:
        return f"{text} Too few donors in this file stood like this before to compare."
    return (
        f"{text} Of {number(peers)} donors in this file in the same position, "
        f"{number(peers_returned)} gave again within their next cycle."
    )
