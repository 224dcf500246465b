"""Each donor's own rhythm, and who has fallen out of it. Pure: gifts in, verdicts out.

The chance of no further gift is read from the donor's overdue ratio and regularity by a fixed
curve; the peers are replayed from the same file, with no look ahead.
"""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HALF_LIFE_DAYS = 730.0
REGULAR_SPREAD = 0.35
REGULAR_GAPS = 3
SHORTEST_HORIZON, LONGEST_HORIZON = 60, 550
AT_RISK, SLIPPING, OVERDUE = 0.6, 0.5, 1.1
LAPSED_RATIO, LAPSED_DAYS = 4.0, 730
REPLAYS, REPLAY_STEP = 20, 45
FEWEST_PEERS = 10
# Shipped curve: chance of no gift = 1 / (1 + exp(-(a + b·log ρ + c·spread))).
INTERCEPT, BY_RATIO, BY_SPREAD = -0.75, 2.6, 0.35
NO_SPREAD = 0.8
COLUMNS = [
    "donor_id", "gifts", "last_gift", "rhythm_days", "overdue_ratio", "regular", "risk",
    "status", "expected_by", "peers", "peers_returned",
]  # fmt: skip


def assess(gifts: pd.DataFrame, as_of: date, *, horizon_days: int | None = None) -> pd.DataFrame:
    """Judge every donor's rhythm on a day.

    Args:
        gifts: donor_id (int), gift_date, amount; any order. Gifts after `as_of` are ignored.
        as_of: the day to judge.
        horizon_days: days ahead that `risk` speaks of; left out, two of the donor's own cycles.

    Returns:
        One row a donor with a gift by then: donor_id, gifts (giving days), last_gift,
        rhythm_days, overdue_ratio (days since the last gift ÷ rhythm), regular, risk (0..1, the
        chance of no gift within the horizon), status, expected_by, peers, peers_returned.
    """
    donors, days = _giving_days(gifts, as_of)
    if not len(donors):
        return pd.DataFrame(columns=COLUMNS)
    today = _ordinal(as_of)
    facts = _features(donors, days, today)
    common = _file_rhythm(facts)
    facts["rhythm_days"] = facts["rhythm_days"].fillna(common).clip(lower=1.0)
    facts["since"] = today - facts["last"]
    facts["overdue_ratio"] = facts["since"] / facts["rhythm_days"]
    facts["risk"] = _risk(facts, horizon_days)
    facts["status"] = _status(facts)
    facts = _with_peers(facts, donors, days, today)
    return _answer(facts)


def _ordinal(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _giving_days(gifts: pd.DataFrame, as_of: date) -> tuple[Ints, Ints]:
    """Return sorted (donor, day) pairs, same-day gifts merged and reversals left out."""
    kept = gifts[gifts["amount"] > 0]
    days = pd.to_datetime(kept["gift_date"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    donors = kept["donor_id"].to_numpy().astype(np.int64)
    inside = days <= _ordinal(as_of)
    donors, days = donors[inside], days[inside]
    order = np.lexsort((days, donors))
    donors, days = donors[order], days[order]
    if not len(donors):
        return donors, days
    fresh = np.r_[True, (donors[1:] != donors[:-1]) | (days[1:] != days[:-1])]
    return donors[fresh], days[fresh]


def _features(donors: Ints, days: Ints, today: int) -> pd.DataFrame:
    """One row a donor: giving days, last day, weighted median gap, spread of the log gaps."""
    starts = np.flatnonzero(np.r_[True, donors[1:] != donors[:-1]])
    counts = np.diff(np.r_[starts, len(donors)])
    last = days[starts + counts - 1]
    table = pd.DataFrame({"donor_id": donors[starts], "gifts": counts, "last": last})
    same = donors[1:] == donors[:-1]
    gaps = (days[1:] - days[:-1])[same].astype(float)
    owner = np.repeat(np.arange(len(starts)), counts)[1:][same]
    ages = (today - days[1:][same]).astype(float)
    table["rhythm_days"] = _weighted_median(
        owner, gaps, gaps * 0.5 ** (ages / HALF_LIFE_DAYS), len(starts)
    )
    logs = np.log(np.maximum(gaps, 1.0))
    n = np.bincount(owner, minlength=len(starts)).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, logs, minlength=len(starts)) / n
        square = np.bincount(owner, logs**2, minlength=len(starts)) / n
        spread = np.sqrt(np.maximum(square - mean**2, 0.0) * n / np.maximum(n - 1, 1))
    table["spread"] = np.where(n >= REGULAR_GAPS, spread, np.nan)
    table["regular"] = np.nan_to_num(table["spread"].to_numpy(), nan=9.0) < REGULAR_SPREAD
    return table


def _weighted_median(groups: Ints, values: Floats, weights: Floats, size: int) -> Floats:
    """Return each group's smallest value at which half of its weight is reached (or NaN)."""
    found = np.full(size, np.nan)
    if not len(values):
        return found
    order = np.lexsort((values, groups))
    groups, values, weights = groups[order], values[order], weights[order]
    running = np.cumsum(weights)
    firsts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    sizes = np.diff(np.r_[firsts, len(groups)])
    before = np.repeat(running[firsts] - weights[firsts], sizes)
    total = np.repeat(running[firsts + sizes - 1], sizes) - before
    # a hair below one half, so that rounding in the running sum decides nothing
    reached = np.flatnonzero(running - before >= total * (0.5 - 1e-9))
    keep = np.r_[True, groups[reached][1:] != groups[reached][:-1]]
    found[groups[reached][keep]] = values[reached][keep]
    return found


def _file_rhythm(facts: pd.DataFrame) -> float:
    known = facts["rhythm_days"].dropna()
    return float(known.median()) if len(known) else 365.0


def _risk(facts: pd.DataFrame, horizon_days: int | None) -> pd.Series:
    rhythm = facts["rhythm_days"].to_numpy(dtype=float)
    since = facts["since"].to_numpy(dtype=float)
    own = np.clip(np.maximum(2 * rhythm - since, rhythm), SHORTEST_HORIZON, LONGEST_HORIZON)
    horizon = own if horizon_days is None else np.full(len(facts), float(horizon_days))
    ratio = np.log(np.clip(since / rhythm, 0.05, 20.0))
    spread = facts["spread"].fillna(NO_SPREAD).to_numpy(dtype=float)
    patience = np.log(np.clip(horizon / own, 0.1, 10.0))
    score = INTERCEPT + BY_RATIO * ratio * np.exp(-BY_SPREAD * spread) - patience
    return pd.Series(1.0 / (1.0 + np.exp(-score)), index=facts.index)


def _status(facts: pd.DataFrame) -> pd.Series:
    overdue = facts["overdue_ratio"] > OVERDUE
    gone = (facts["overdue_ratio"] >= LAPSED_RATIO) | (
        facts["since"] > np.maximum(LAPSED_DAYS, 2 * facts["rhythm_days"])
    )
    choice = np.select(
        [
            facts["gifts"] == 1,
            gone,
            overdue & (facts["risk"] >= AT_RISK),
            overdue & (facts["risk"] >= SLIPPING),
        ],
        ["second gift", "lapsed", "at risk", "slipping"],
        "on rhythm",
    )
    return pd.Series(choice, index=facts.index)


def _bands(rhythm: Floats, ratio: Floats) -> Ints:
    """Name the position of a donor: how long the rhythm, how far past it."""
    by_rhythm = np.digitize(rhythm, [10, 20, 45, 75, 120, 240, 420])
    by_ratio = np.digitize(ratio, [0.5, 1.1, 1.5, 2.0, 3.0, 4.0, 6.0])
    return (by_rhythm * 16 + by_ratio).astype(np.int64)


def _with_peers(facts: pd.DataFrame, donors: Ints, days: Ints, today: int) -> pd.DataFrame:
    """Count earlier donors in the same position, and those who gave within their next cycle."""
    seen = np.zeros(256, dtype=np.int64)
    back = np.zeros(256, dtype=np.int64)
    for replay in range(REPLAYS):
        cut = today - SHORTEST_HORIZON - REPLAY_STEP * replay
        inside = days <= cut
        if not inside.any():
            break
        past = _features(donors[inside], days[inside], cut).dropna(subset=["rhythm_days"])
        rhythm = past["rhythm_days"].to_numpy(dtype=float).clip(1.0)
        horizon = np.ceil(rhythm).astype(np.int64)
        told = cut + horizon <= today
        place = np.searchsorted(donors, past["donor_id"].to_numpy()) + past["gifts"].to_numpy()
        follows = np.minimum(place, len(donors) - 1)
        again = (
            (place < len(donors))
            & (donors[follows] == past["donor_id"].to_numpy())
            & (days[follows] <= cut + horizon)
        )
        band = _bands(rhythm, (cut - past["last"].to_numpy()) / rhythm)
        seen += np.bincount(band[told], minlength=256)
        back += np.bincount(band[told & again], minlength=256)
    band = _bands(
        facts["rhythm_days"].to_numpy(dtype=float), facts["overdue_ratio"].to_numpy(dtype=float)
    )
    return facts.assign(peers=seen[band], peers_returned=back[band])


def _answer(facts: pd.DataFrame) -> pd.DataFrame:
    last = facts["last"].to_numpy().astype("datetime64[D]")
    step = np.round(facts["rhythm_days"].to_numpy(dtype=float)).astype("timedelta64[D]")
    dated = facts.assign(
        last_gift=pd.Series(last.astype(object), index=facts.index, dtype=object),
        expected_by=pd.Series((last + step).astype(object), index=facts.index, dtype=object),
    )
    return dated[COLUMNS].reset_index(drop=True)


def sentence(
    *,
    gifts: int,
    rhythm_days: float,
    regular: bool,
    days_since: int,
    expected_by: str,
    peers: int,
    peers_returned: int,
) -> str:
    """Say in two or three sentences what the rhythm is and why it looks broken.

    `expected_by` is already spelled as a day; `days_since` counts from the last gift.
    """
    habit = ", very regular" if regular else ""
    ratio = days_since / rhythm_days
    text = (
        f"Gives about every {max(1, round(rhythm_days))} days ({gifts} gifts{habit}). "
        f"Last gift {days_since} days ago, {ratio:.1f} times the usual gap; "
        f"expected about {expected_by}."
    )
    if peers < FEWEST_PEERS:
        return f"{text} Too few donors in this file stood like this before to compare."
    return (
        f"{text} Of {peers} like this before, {peers_returned} gave again within their next cycle."
    )
