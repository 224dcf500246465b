"""Assess each donor's own giving rhythm and the risk that they stop. Pure functions.

No data from the future is used: the chance of no further gift and the peer counts are both learnt
by replaying the same gifts from earlier cut-off days, each with the gifts up to that day only.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.donors.at_risk import dropout_model
from app.donors.at_risk.giving_history import (
    Bools,
    File,
    Floats,
    Ints,
    Position,
    file_of,
    positions,
)
from app.kit import formatting

Days = npt.NDArray[np.datetime64]

REGULAR_SPREAD = 0.35
AT_RISK, SLIPPING, OVERDUE = 0.6, 0.5, 1.1
LAPSED_RATIO, LAPSED_DAYS = 4.0, 730
REPLAYS, REPLAY_STEP, NEWEST_REPLAY = 20, 45, 60
MOST_TRAINING_DONORS = 4_000  # donors the regression is fitted on; more would only take longer
FEWEST_PEERS = 10
RHYTHM_BANDS = (10, 20, 45, 75, 120, 240, 420)
RATIO_BANDS = (0.5, 1.1, 1.5, 2.0, 3.0, 4.0, 6.0)
BANDS = 128
DIGITS = 6  # decimals of the risk; further digits depend on the order of summation
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
    today = _ordinal(as_of)
    donors, days = _counted_gifts(gifts, today)
    if not len(donors):
        return pd.DataFrame(columns=COLUMNS)
    file = file_of(donors, days)
    now = positions(file, today)
    peer_counts, examples, training_rows = _PeerCounts(len(file.ids)), [], _training_rows(file)
    for cut, position in _replays(file, today, horizon_days):
        peer_counts.add(position, cut, today)
        examples.append(_training_examples(position, training_rows, cut, today, horizon_days))
    return _verdicts(file, now, today, _risk(now, examples, horizon_days), peer_counts)


def _verdicts(
    file: File, now: Position, today: int, risk: Floats, peer_counts: "_PeerCounts"
) -> pd.DataFrame:
    peers, returned = peer_counts.others_at(now)
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
            "status": status_labels(now, ratio, risk),
            "expected_by": pd.Series(_expected(last, now.rhythm), dtype=object),
            "peers": peers,
            "peers_returned": returned,
        }
    )


def _ordinal(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _counted_gifts(gifts: pd.DataFrame, today: int) -> tuple[Ints, Ints]:
    """Return donor ids and days (since 1970) of the gifts up to today, without refunds."""
    days = pd.to_datetime(gifts["gift_date"]).to_numpy().astype("datetime64[D]").astype(np.int64)
    counted = (days <= today) & ~(gifts["amount"].to_numpy() < 0)
    return gifts["donor_id"].to_numpy().astype(np.int64)[counted], days[counted]


def _replays(file: File, today: int, horizon_days: int | None) -> Iterator[tuple[int, Position]]:
    """Yield earlier cut-off days, newest first, with every donor's position on that day."""
    newest = today - (NEWEST_REPLAY if horizon_days is None else horizon_days)
    first_gift = int(file.days.min())
    for cut in range(newest, newest - REPLAYS * REPLAY_STEP, -REPLAY_STEP):
        if cut < first_gift:
            return
        yield cut, positions(file, cut)


def _training_examples(
    position: Position, training_rows: Ints, cut: int, today: int, horizon_days: int | None
) -> tuple[Floats, Bools]:
    """Return the features at a cut-off and whether a gift followed within the horizon."""
    sample = Position._make(column[training_rows] for column in position)
    ahead = _ahead(sample, horizon_days)
    is_known = (sample.gifts > 0) & (cut + ahead <= today)
    gave = sample.next_day <= cut + ahead
    return dropout_model.features(sample, ahead)[is_known], gave[is_known]


def _risk(now: Position, examples: list[tuple[Floats, Bools]], horizon_days: int | None) -> Floats:
    """Return the chance of no gift within the horizon, with the model fitted on the replays."""
    coefficients = np.array(dropout_model.SHIPPED_COEFFICIENTS)
    if examples:
        rows, gave = (np.concatenate(part) for part in zip(*examples, strict=True))
        coefficients = dropout_model.fit(rows, gave, coefficients)
    score = dropout_model.features(now, _ahead(now, horizon_days)) @ coefficients
    risk: Floats = np.round(1.0 - dropout_model.logistic(score), DIGITS)
    return risk


def _ahead(position: Position, horizon_days: int | None) -> Floats:
    if horizon_days is None:
        return dropout_model.horizon(position)
    return np.full(len(position.gifts), float(horizon_days))


def _training_rows(file: File) -> Ints:
    """Choose the training donors by a hash of their ids, so that the input order has no effect."""
    hashes = (file.ids.astype(np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    return np.sort(np.lexsort((file.ids, hashes))[:MOST_TRAINING_DONORS])


def status_labels(now: Position, ratio: Floats, risk: Floats) -> npt.NDArray[np.str_]:
    """Return each donor's status according to the thresholds above."""
    overdue = ratio > OVERDUE
    lapsed = (ratio >= LAPSED_RATIO) | (now.since > np.maximum(LAPSED_DAYS, 2 * now.rhythm))
    return np.select(
        [now.gifts == 1, lapsed, overdue & (risk >= AT_RISK), overdue & (risk >= SLIPPING)],
        ["second gift", "lapsed", "at risk", "slipping"],
        "on rhythm",
    )


def _bands(position: Position) -> Ints:
    """Return a number for each position: rhythm band, overdue band, and one gift or several."""
    by_rhythm = np.digitize(position.rhythm, RHYTHM_BANDS)
    by_ratio = np.digitize(position.since / position.rhythm, RATIO_BANDS)
    single = position.gifts == 1
    band: Ints = single * (BANDS // 2) + by_rhythm * 8 + by_ratio
    return band


class _PeerCounts:
    """Counts donors per position at earlier cut-offs, and those who gave within their next cycle.

    A donor counts once per position, as of the newest cut-off at which they were in it.
    """

    def __init__(self, donors: int) -> None:
        self._rows = np.arange(donors)
        self._observed = np.zeros((donors, BANDS), dtype=np.bool_)
        self._returned = np.zeros((donors, BANDS), dtype=np.bool_)

    def add(self, position: Position, cut: int, today: int) -> None:
        """Add the positions of a cut-off; call this for the newest cut-off first."""
        cycle_ends = cut + np.ceil(position.rhythm).astype(np.int64)
        band = _bands(position)
        is_new = (position.gifts > 0) & (cycle_ends <= today) & ~self._observed[self._rows, band]
        self._observed[self._rows[is_new], band[is_new]] = True
        self._returned[self._rows[is_new], band[is_new]] = (position.next_day <= cycle_ends)[
            is_new
        ]

    def others_at(self, now: Position) -> tuple[Ints, Ints]:
        """Count, for each donor, others once in the same position and those who gave again."""
        band = _bands(now)
        observed = self._observed.sum(axis=0)[band] - self._observed[self._rows, band]
        returned = self._returned.sum(axis=0)[band] - self._returned[self._rows, band]
        return observed, returned


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
