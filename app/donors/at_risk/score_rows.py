"""Scores and models in the form in which they are stored. Pure functions.

A stored score has the donor's position, so that a passed day needs no gifts, and what the next
days bring: the risk on each, and the first on which the verdict is another one.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.donors.at_risk import assessment
from app.donors.at_risk.assessment import Verdicts, verdicts
from app.donors.at_risk.giving_history import NEVER, Bools, Ints, Position
from app.donors.at_risk.replay_model import BANDS, Model, Past, no_past

DAYS_AHEAD = 7  # days on which a score may be read before everybody is scored again


def score_rows(
    ids: Ints, now: Position, model: Model, past: Past, *, joint: bool, today: date
) -> pd.DataFrame:
    """Return the rows of `donor_rhythm` of some donors.

    Args:
        ids: the donors, or households if `joint`.
        now: their positions today.
        model: what their verdicts follow from.
        past: their own part in the peers of the model.
        joint: whether a row is of a household with the gifts of all its members.
        today: the day of the scores.
    """
    now = model.completed(now)
    verdict = verdicts(now, model, past)
    later = [
        verdicts(now._replace(since=now.since + days), model, past)
        for days in range(1, DAYS_AHEAD + 1)
    ]
    return assessment.scored(ids, now, assessment.ordinal(today), verdict).assign(
        as_of=today,
        spread=now.spread,
        season=now.season,
        joint=joint,
        past=_packed(past),
        risk_ahead=_arrays([verdict.risk for verdict in later]),
        next_change_on=np.datetime64(today, "D") + _days_until_change(verdict, later),
    )


def _days_until_change(now: Verdicts, later: list[Verdicts]) -> npt.NDArray[np.timedelta64]:
    """Return the days until the verdict is another one; the risk alone is stored for each day."""
    days = np.full(len(now.risk), DAYS_AHEAD + 1)
    for ahead in range(DAYS_AHEAD, 0, -1):
        then = later[ahead - 1]
        days[
            (then.status != now.status)
            | (then.peers != now.peers)
            | (then.peers_returned != now.peers_returned)
        ] = ahead
    return days.astype("timedelta64[D]")


def _arrays(columns: list[npt.NDArray[np.float64]]) -> list[str]:
    rows = np.column_stack(columns).tolist()
    return [f"{{{','.join(map(repr, row))}}}" for row in rows]


def stored_positions(rows: pd.DataFrame, today: date) -> Position:
    """Return today's positions of donors without a new gift from their stored scores.

    `rows` has gifts, last_day (since 1970), rhythm_days, spread and season.
    """
    since = assessment.ordinal(today) - rows["last_day"].to_numpy(dtype=np.int64)
    return Position(
        gifts=rows["gifts"].to_numpy(dtype=np.int64),
        since=since.astype(float),
        rhythm=rows["rhythm_days"].to_numpy(dtype=float),
        spread=rows["spread"].to_numpy(dtype=float),
        season=rows["season"].to_numpy(dtype=float),
        next_day=np.full(len(rows), NEVER),
    )


def stored_past(ids: Ints, rows: pd.DataFrame) -> Past:
    """Return the part in the peers of donors from stored scores (donor_id, past).

    A donor without one was not counted by the model.
    """
    past = no_past(len(ids))
    place = np.searchsorted(ids, rows["donor_id"].to_numpy(dtype=np.int64))
    known = _unpacked(rows["past"].tolist())
    past.observed[place], past.returned[place] = known[:, :BANDS], known[:, BANDS:]
    return past


def _packed(past: Past) -> list[str]:
    """Return one hexadecimal number for each row, of one bit for each band and column."""
    bits = np.packbits(np.concatenate(past, axis=1), axis=1)
    digits, width = bits.tobytes().hex(), 2 * bits.shape[1]
    return [digits[start : start + width] for start in range(0, len(digits), width)]


def _unpacked(texts: list[str]) -> Bools:
    packed = np.frombuffer(bytes.fromhex("".join(texts)), dtype=np.uint8)
    return np.unpackbits(packed.reshape(len(texts), -1 if texts else 2 * BANDS // 8), axis=1) > 0


def model_as_json(model: Model) -> dict[str, Any]:
    """Return a model as numbers and lists, without loss."""
    return {
        "coefficients": model.coefficients.tolist(),
        "rhythm_days": model.rhythm_days,
        "observed": model.observed.tolist(),
        "returned": model.returned.tolist(),
    }


def model_of_json(stored: Mapping[str, Any]) -> Model:
    """Return the model that `model_as_json` has stored."""
    return Model(
        coefficients=np.array(stored["coefficients"], dtype=np.float64),
        rhythm_days=float(stored["rhythm_days"]),
        observed=np.array(stored["observed"], dtype=np.int64),
        returned=np.array(stored["returned"], dtype=np.int64),
    )
