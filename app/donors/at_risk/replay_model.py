"""What the replays of one file teach: the chance to give again, and peers by position.

A model is learnt from all gifts of a day and may be used on later days: every donor's verdict then
follows from this donor's own position alone.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from app.donors.at_risk import dropout_model
from app.donors.at_risk.giving_history import (
    Bools,
    File,
    Floats,
    Ints,
    Position,
    median_rhythm,
    positions,
)

REPLAYS, REPLAY_STEP, NEWEST_REPLAY = 20, 45, 60
MOST_TRAINING_DONORS = 4_000  # donors the regression is fitted on; more would only take longer
RHYTHM_BANDS = (10, 20, 45, 75, 120, 240, 420)
RATIO_BANDS = (0.5, 1.1, 1.5, 2.0, 3.0, 4.0, 6.0)
BANDS = 128
DIGITS = 6  # decimals of the risk; further digits depend on the order of summation


class Past(NamedTuple):
    """Each donor's own part in the peers: in which bands they were, and gave again."""

    observed: Bools
    returned: Bools


class Model(NamedTuple):
    """What the replays of a file taught; `observed` and `returned` count donors by band.

    `rhythm_days` is the median rhythm of the file, for donors with one gift.
    """

    coefficients: Floats
    rhythm_days: float
    observed: Ints
    returned: Ints

    def risk(self, position: Position, horizon_days: int | None = None) -> Floats:
        """Return the chance of no gift within the horizon (days), by default the donor's own."""
        rows = dropout_model.features(position, _ahead(position, horizon_days))
        # added up row by row, so that a donor's risk is the same whoever else is scored
        score = (rows * self.coefficients).sum(axis=1)
        risk: Floats = np.round(1.0 - dropout_model.logistic(score), DIGITS)
        return risk

    def peers(self, position: Position, past: Past) -> tuple[Ints, Ints]:
        """Count, for each donor, others once in the same position and those who gave again."""
        band, rows = _bands(position), np.arange(len(position.gifts))
        return (
            self.observed[band] - past.observed[rows, band],
            self.returned[band] - past.returned[rows, band],
        )

    def completed(self, position: Position) -> Position:
        """Return the positions with the rhythm of the model's file for donors with one gift."""
        rhythm = np.where(position.gifts > 1, position.rhythm, self.rhythm_days)
        return position._replace(rhythm=rhythm)


def learn(
    file: File, now: Position, today: int, horizon_days: int | None = None
) -> tuple[Model, Past]:
    """Learn a model from a file, and return it with each donor's own part in the peers.

    Args:
        file: all gifts up to `today`.
        now: the positions of the file on that day.
        today: the day, counted from 1970.
        horizon_days: the days ahead that the risk covers; by default two of a donor's own cycles.
    """
    past = no_past(len(file.ids))
    examples, training_rows = [], _training_rows(file)
    for cut, position in _replays(file, today, horizon_days):
        _observe(past, position, cut, today)
        examples.append(_training_examples(position, training_rows, cut, today, horizon_days))
    coefficients = np.array(dropout_model.SHIPPED_COEFFICIENTS)
    if examples:
        rows, gave = (np.concatenate(part) for part in zip(*examples, strict=True))
        coefficients = dropout_model.fit(rows, gave, coefficients)
    median = median_rhythm(now.gifts, now.rhythm)
    return Model(coefficients, median, past.observed.sum(axis=0), past.returned.sum(axis=0)), past


def no_past(donors: int) -> Past:
    """Return the part in the peers of donors whom the model does not count."""
    return Past(np.zeros((donors, BANDS), np.bool_), np.zeros((donors, BANDS), np.bool_))


def _replays(file: File, today: int, horizon_days: int | None) -> Iterator[tuple[int, Position]]:
    """Yield earlier cut-off days, newest first, with every donor's position on that day."""
    newest = today - (NEWEST_REPLAY if horizon_days is None else horizon_days)
    first_gift = int(file.days.min()) if len(file.days) else today
    for cut in range(newest, newest - REPLAYS * REPLAY_STEP, -REPLAY_STEP):
        if cut < first_gift:
            return
        yield cut, positions(file, cut)


def _observe(past: Past, position: Position, cut: int, today: int) -> None:
    """Add the positions of a cut-off, of the newest cut-off first.

    A donor counts once per position, as of the newest cut-off at which they were in it.
    """
    rows = np.arange(len(position.gifts))
    cycle_ends = cut + np.ceil(position.rhythm).astype(np.int64)
    band = _bands(position)
    is_new = (position.gifts > 0) & (cycle_ends <= today) & ~past.observed[rows, band]
    past.observed[rows[is_new], band[is_new]] = True
    past.returned[rows[is_new], band[is_new]] = (position.next_day <= cycle_ends)[is_new]


def _training_examples(
    position: Position, training_rows: Ints, cut: int, today: int, horizon_days: int | None
) -> tuple[Floats, Bools]:
    """Return the features at a cut-off and whether a gift followed within the horizon."""
    sample = Position._make(column[training_rows] for column in position)
    ahead = _ahead(sample, horizon_days)
    is_known = (sample.gifts > 0) & (cut + ahead <= today)
    gave = sample.next_day <= cut + ahead
    return dropout_model.features(sample, ahead)[is_known], gave[is_known]


def _ahead(position: Position, horizon_days: int | None) -> Floats:
    if horizon_days is None:
        return dropout_model.horizon(position)
    return np.full(len(position.gifts), float(horizon_days))


def _training_rows(file: File) -> Ints:
    """Choose the training donors by a hash of their ids, so that the input order has no effect."""
    hashes = (file.ids.astype(np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    return np.sort(np.lexsort((file.ids, hashes))[:MOST_TRAINING_DONORS])


def _bands(position: Position) -> Ints:
    """Return a number for each position: rhythm band, overdue band, and one gift or several."""
    by_rhythm = np.digitize(position.rhythm, RHYTHM_BANDS)
    by_ratio = np.digitize(position.since / position.rhythm, RATIO_BANDS)
    single = position.gifts == 1
    band: Ints = single * (BANDS // 2) + by_rhythm * 8 + by_ratio
    return band
