"""Each donor's giving history and position on any earlier day, computed from one file of gifts."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HALF_LIFE_DAYS = 730.0
FEWEST_GAPS = 3  # with fewer gaps the spread is not meaningful
NO_RHYTHM_YET = 365.0  # default for a file without a second gift
YEAR_DAYS = 365.2425
NEVER = 2**40  # a day that is never reached
_DONOR, _PAST = 2**32, 2**31  # (donor, day) as one sortable number, also for days before 1970
# Running sums are whole numbers, so that a donor's part of them is exact and the same whichever
# other donors are in the file: some donors are scored alone with the result of all together.
# The sums of logs and angles may overflow, because the difference of two of them is right.
_UNIT, _WEIGHT_UNIT = 2**40, 2**24
_ROUNDING_MARGIN = 1e-9


class File(NamedTuple):
    """Giving days sorted by donor, with running sums, and gaps sorted by donor and length.

    Days are counted from 1970. The running sums begin with 0.
    """

    ids: Ints
    starts: Ints
    days: Ints
    keys: Ints
    logs: Ints
    squares: Ints
    cosines: Ints
    sines: Ints
    gap_days: Ints  # the day a gap ended
    gaps: Floats
    weights: Ints


class Position(NamedTuple):
    """Each donor's position on one day; one row per donor, `gifts` is 0 before the first gift.

    `rhythm` is in days, for donors with one gift the file's median; `next_day` is the first giving
    day after the cut-off as known today, which only the target of a replay may use.
    """

    gifts: Ints
    since: Floats
    rhythm: Floats
    spread: Floats  # standard deviation of the log gaps, NaN below three gaps
    season: Floats  # 0..1, how concentrated the gifts are in one time of year
    next_day: Ints


def file_of(donors: Ints, days: Ints) -> File:
    """Sort (donor, day) pairs into a file; several gifts on one day are one giving day."""
    order = np.lexsort((days, donors))
    donors, days = donors[order], days[order]
    is_new = np.ones(len(days), dtype=np.bool_)
    is_new[1:] = (donors[1:] != donors[:-1]) | (days[1:] != days[:-1])
    donors, days = donors[is_new], days[is_new]
    ids, starts, owner = np.unique(donors, return_index=True, return_inverse=True)
    same = owner[1:] == owner[:-1]
    gaps = np.where(same, np.diff(days), 1).astype(float)
    logs = np.r_[0.0, np.log(gaps)]
    angle = days * (2 * np.pi / YEAR_DAYS)
    gap_owner, gap_days, lengths = owner[1:][same], days[1:][same], gaps[same]
    by_length = np.lexsort((lengths, gap_owner))
    gap_owner, gap_days, lengths = gap_owner[by_length], gap_days[by_length], lengths[by_length]
    # ages are counted from the donor's own last gift: only proportions within a donor matter
    newest = days[np.r_[starts[1:], len(days)][: len(ids)] - 1]
    ages = (newest[gap_owner] - gap_days).astype(float)
    return File(
        ids=ids,
        starts=starts.astype(np.int64),
        days=days,
        keys=owner.astype(np.int64) * _DONOR + _PAST + days,
        logs=_running(logs),
        squares=_running(logs**2),
        cosines=_running(np.cos(angle)),
        sines=_running(np.sin(angle)),
        gap_days=gap_days,
        gaps=lengths,
        weights=_whole(lengths * 0.5 ** (ages / HALF_LIFE_DAYS), _WEIGHT_UNIT),
    )


def _whole(values: Floats, unit: int) -> Ints:
    whole: Ints = np.rint(values * unit).astype(np.int64)
    return whole


def _running(values: Floats) -> Ints:
    return _sums(_whole(values, _UNIT))


def _sums(values: Ints) -> Ints:
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    return sums


def positions(file: File, cut: int) -> Position:
    """Return each donor's position at the end of the day `cut`, from the gifts up to it."""
    rows = np.arange(len(file.ids), dtype=np.int64)
    ends = np.searchsorted(file.keys, rows * _DONOR + _PAST + cut, side="right")
    gifts = ends - file.starts
    has_given = gifts > 0
    last = file.days[np.maximum(ends - 1, 0)]
    next_rows = np.minimum(ends, len(file.days) - 1)
    has_next = (ends < len(file.days)) & (file.keys[next_rows] // _DONOR == rows)
    rhythm = _weighted_medians(file, cut, np.maximum(gifts - 1, 0))
    return Position(
        gifts=gifts,
        since=np.where(has_given, cut - last, 0).astype(float),
        rhythm=np.where(np.isnan(rhythm), median_rhythm(gifts, rhythm), rhythm),
        spread=_spread(file, ends, gifts),
        season=_season(file, ends, np.maximum(gifts, 1)),
        next_day=np.where(has_next, file.days[next_rows], NEVER),
    )


def median_rhythm(gifts: Ints, rhythm: Floats) -> float:
    """Return the median rhythm (days) of the donors with two giving days or more."""
    known = rhythm[gifts > 1]
    return float(np.median(known)) if len(known) else NO_RHYTHM_YET


def _weighted_medians(file: File, cut: int, gaps_each: Ints) -> Floats:
    """Return each donor's shortest gap that reaches half of the weight (median), or NaN."""
    medians = np.full(len(gaps_each), np.nan)
    counted = np.flatnonzero(file.gap_days <= cut)
    if not len(counted):
        return medians
    running = _sums(file.weights[counted])
    stops = np.cumsum(gaps_each)
    before = running[stops - gaps_each]
    # slightly below one half, so that rounding of the weights has no effect
    half = before + ((running[stops] - before) * (0.5 - _ROUNDING_MARGIN)).astype(np.int64)
    reached = np.searchsorted(running[1:], half, side="left")
    has_gaps = gaps_each > 0
    medians[has_gaps] = file.gaps[counted[reached[has_gaps]]]
    return medians


def _spread(file: File, ends: Ints, gifts: Ints) -> Floats:
    """Return the standard deviation of the natural logarithms of each donor's gaps."""
    gaps = np.maximum(gifts - 1, 1)
    first = np.minimum(file.starts + 1, ends)
    mean = (file.logs[ends] - file.logs[first]) / _UNIT / gaps
    square = (file.squares[ends] - file.squares[first]) / _UNIT / gaps
    variance = np.maximum(square - mean**2, 0.0) * gaps / np.maximum(gaps - 1, 1)
    return np.where(gifts - 1 >= FEWEST_GAPS, np.sqrt(variance), np.nan)


def _season(file: File, ends: Ints, gifts: Ints) -> Floats:
    """Return the circular concentration of the days of the year: 0 spread evenly, 1 one day."""
    cosine = (file.cosines[ends] - file.cosines[file.starts]) / _UNIT
    sine = (file.sines[ends] - file.sines[file.starts]) / _UNIT
    season: Floats = np.minimum(np.hypot(cosine, sine) / gifts, 1.0)
    return season
