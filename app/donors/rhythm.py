"""Each donor's own rhythm, and who has fallen out of it. Pure: gifts in, verdicts out.

Nothing looks ahead: the chance of no further gift and the peers are both learnt by replaying
the same file from earlier cut-offs, each with the gifts up to it only.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from app.donors import chance
from app.donors.replay import Bools, File, Floats, Ints, Position, file_of, positions
from app.kit import words

REGULAR_SPREAD = 0.35
AT_RISK, SLIPPING, OVERDUE = 0.6, 0.5, 1.1
LAPSED_RATIO, LAPSED_DAYS = 4.0, 730
REPLAYS, REPLAY_STEP, NEWEST_REPLAY = 20, 45, 60
MOST_TAUGHT = 4_000  # donors the regression learns from; more would only take longer
FEWEST_PEERS = 10
RHYTHM_BANDS = (10, 20, 45, 75, 120, 240, 420)
RATIO_BANDS = (0.5, 1.1, 1.5, 2.0, 3.0, 4.0, 6.0)
BANDS = 128
DIGITS = 6  # of the risk: beyond, the order of summing would show
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
        One row a donor with a gift by then, by donor_id: donor_id, gifts (giving days),
        last_gift, rhythm_days (of a single giver the file's median), overdue_ratio (days since
        the last gift ÷ rhythm), regular, risk (0..1, the chance of no gift within the horizon),
        status, expected_by, peers (other donors who stood alike earlier), peers_returned.
    """
    today = _ordinal(as_of)
    donors, days = _kept(gifts, today)
    if not len(donors):
        return pd.DataFrame(columns=COLUMNS)
    file = file_of(donors, days)
    now = positions(file, today)
    replays = list(_replays(file, today, horizon_days))
    risk = _risk(file, now, replays, today, horizon_days)
    peers, returned = _peers(now, replays, today)
    last = (today - now.since.astype(np.int64)).astype("datetime64[D]")
    ratio = now.since / now.rhythm
    return pd.DataFrame(
        {
            "donor_id": file.ids,
            "gifts": now.gifts,
            "last_gift": pd.Series(last.astype(object), dtype=object),
            "rhythm_days": now.rhythm,
            "overdue_ratio": ratio,
            "regular": np.nan_to_num(now.spread, nan=np.inf) < REGULAR_SPREAD,
            "risk": risk,
            "status": _status(now, ratio, risk),
            "expected_by": pd.Series(_expected(last, now.rhythm), dtype=object),
            "peers": peers,
            "peers_returned": returned,
        }
    )


def _ordinal(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _kept(gifts: pd.DataFrame, today: int) -> tuple[Ints, Ints]:
    """Return donor and day (from 1970) of the gifts by today, refunds left out."""
    days = pd.to_datetime(gifts["gift_date"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    kept = (days <= today) & ~(gifts["amount"].to_numpy() < 0)
    return gifts["donor_id"].to_numpy().astype(np.int64)[kept], days[kept]


def _replays(file: File, today: int, horizon_days: int | None) -> Iterator[tuple[int, Position]]:
    """Yield earlier cut-offs, the newest first, and where everybody stood then."""
    newest = today - (NEWEST_REPLAY if horizon_days is None else horizon_days)
    first_gift = int(file.days.min())
    for cut in range(newest, newest - REPLAYS * REPLAY_STEP, -REPLAY_STEP):
        if cut < first_gift:
            return
        yield cut, positions(file, cut)


def _risk(
    file: File,
    now: Position,
    replays: list[tuple[int, Position]],
    today: int,
    horizon_days: int | None,
) -> Floats:
    """Return the chance of no gift within the horizon, learnt from the replays."""
    taught = _taught(file)
    rows, gave = [], []
    for cut, then in replays:
        ahead = _ahead(then, horizon_days)
        told = taught & (then.gifts > 0) & (cut + ahead <= today)
        rows.append(chance.features(then, ahead)[told])
        gave.append((then.next_day <= cut + ahead)[told])
    found = np.array(chance.SHIPPED)
    if rows:
        found = chance.fit(np.concatenate(rows), np.concatenate(gave), found)
    score = chance.features(now, _ahead(now, horizon_days)) @ found
    risk: Floats = np.round(1.0 - chance.logistic(score), DIGITS)
    return risk


def _ahead(position: Position, horizon_days: int | None) -> Floats:
    if horizon_days is None:
        return chance.horizon(position)
    return np.full(len(position.gifts), float(horizon_days))


def _taught(file: File) -> Bools:
    """Choose the donors to learn from by their numbers alone, so that no order matters."""
    mixed = (file.ids.astype(np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    chosen = np.zeros(len(file.ids), dtype=np.bool_)
    chosen[np.lexsort((file.ids, mixed))[:MOST_TAUGHT]] = True
    return chosen


def _status(now: Position, ratio: Floats, risk: Floats) -> Floats:
    """Name each standing by the rule's thresholds."""
    overdue = ratio > OVERDUE
    gone = (ratio >= LAPSED_RATIO) | (now.since > np.maximum(LAPSED_DAYS, 2 * now.rhythm))
    return np.select(
        [now.gifts == 1, gone, overdue & (risk >= AT_RISK), overdue & (risk >= SLIPPING)],
        ["second gift", "lapsed", "at risk", "slipping"],
        "on rhythm",
    )


def _bands(position: Position) -> Ints:
    """Name the position of a donor: how long the rhythm, how far past it, one gift or more."""
    by_rhythm = np.digitize(position.rhythm, RHYTHM_BANDS)
    by_ratio = np.digitize(position.since / position.rhythm, RATIO_BANDS)
    single = position.gifts == 1
    return (single * BANDS // 2 + by_rhythm * 8 + by_ratio).astype(np.int64)


def _peers(
    now: Position, replays: list[tuple[int, Position]], today: int
) -> tuple[Ints, Ints]:
    """Count the other donors who once stood alike, and those who gave within their next cycle.

    A donor counts once for a position, as of the newest cut-off that found them there.
    """
    rows = np.arange(len(now.gifts))
    stood = np.zeros((len(rows), BANDS), dtype=np.bool_)
    back = np.zeros((len(rows), BANDS), dtype=np.bool_)
    for cut, then in replays:
        ends = cut + np.ceil(then.rhythm).astype(np.int64)
        band = _bands(then)
        fresh = (then.gifts > 0) & (ends <= today) & ~stood[rows, band]
        stood[rows[fresh], band[fresh]] = True
        back[rows[fresh], band[fresh]] = (then.next_day <= ends)[fresh]
    band = _bands(now)
    others = stood.sum(axis=0)[band] - stood[rows, band]
    return others, back.sum(axis=0)[band] - back[rows, band]


def _expected(last: object, rhythm: Floats) -> object:
    return (last + np.round(rhythm).astype("timedelta64[D]")).astype(object)


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
