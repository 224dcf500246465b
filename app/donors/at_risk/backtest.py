"""Backtest of the at-risk alerts on the organisation's own past. Pure functions.

The assessment is run as of earlier days, with the gifts up to each of them only, and compared with
what happened afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.donors.at_risk import assessment, dropout_model

# number of earlier days and the days between them: about two years in total
CUTOFFS, STEP = 18, 42
BINS = 10
# when a fundraiser without alerts would notice: after a year, as most programs do, or for
# donors who give less often than twice a year after two of their own gaps
USUAL_DAYS, USUAL_GAPS = 365, 2
# below these counts a result is not meaningful
FEWEST_VERDICTS, FEWEST_ALARMS, FEWEST_STOPPED = 200, 10, 5
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Band:
    """Verdicts with a risk from `low` to `high`: their number, predicted and observed share.

    `said` (predicted) and `came` (observed) are shares (0..1) of no gift within the horizon.
    """

    low: float
    high: float
    verdicts: int
    said: float
    came: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """The result of the backtest: what was predicted on earlier days and what happened.

    `alarms` counts donors at the first cut-off that rated them at risk; `false_alarms` of them
    gave within the horizon after all. `lead_days` is how many days before the usual rule (a year
    or two own gaps without a gift) donors who really stopped were flagged, as the median of
    `stopped` donors; None if there are too few.
    """

    as_of: date
    looks: int
    verdicts: int
    bands: tuple[Band, ...]
    alarms: int
    false_alarms: int
    stopped: int
    lead_days: int | None

    @property
    def enough(self) -> bool:
        """Return whether there was enough history for a meaningful result."""
        return self.verdicts >= FEWEST_VERDICTS and self.alarms >= FEWEST_ALARMS

    @property
    def false_share(self) -> float | None:
        """Return the share of alarms whose donor gave within the horizon; None without alarms."""
        return self.false_alarms / self.alarms if self.alarms else None


def measure(gifts: pd.DataFrame, as_of: date) -> Reliability:
    """Run the assessment as of earlier days and compare it with what happened.

    Args:
        gifts: as `rhythm.assess` takes them; those after `as_of` are ignored.
        as_of: the day from which to look back.
    """
    past_gifts = gifts[pd.to_datetime(gifts["gift_date"]) <= pd.Timestamp(as_of)]
    tables = [verdicts_on(past_gifts, cut, as_of) for cut in _cutoffs(as_of)]
    verdicts = pd.concat(
        [table for table in tables if len(table)] or [_NO_VERDICTS], ignore_index=True
    )
    with_outcome = verdicts[verdicts["known"].to_numpy(dtype=bool)]
    alarms = _first_alarms(verdicts)
    alarms_with_outcome = alarms[alarms["known"].to_numpy(dtype=bool)]
    lead_days = _lead_days(alarms, past_gifts, as_of)
    return Reliability(
        as_of=as_of,
        looks=sum(len(table) > 0 for table in tables),
        verdicts=len(with_outcome),
        bands=tuple(_bands(with_outcome)),
        alarms=len(alarms_with_outcome),
        false_alarms=int(alarms_with_outcome["gave"].sum()),
        stopped=len(lead_days),
        lead_days=int(np.median(lead_days)) if len(lead_days) >= FEWEST_STOPPED else None,
    )


_NO_VERDICTS = pd.DataFrame(
    {
        "donor_id": pd.Series(dtype=np.int64),
        "cut": pd.Series(dtype="datetime64[s]"),
        "last": pd.Series(dtype="datetime64[s]"),
        "usual": pd.Series(dtype=np.int64),
        "risk": pd.Series(dtype=float),
        "alarm": pd.Series(dtype=bool),
        "known": pd.Series(dtype=bool),
        "gave": pd.Series(dtype=bool),
    }
)


def _cutoffs(as_of: date) -> Iterator[date]:
    for number in range(1, CUTOFFS + 1):
        yield as_of - timedelta(days=STEP * number)


def verdicts_on(gifts: pd.DataFrame, cut: date, as_of: date) -> pd.DataFrame:
    """Return the verdicts of one day and what is known of each donor since."""
    scores = assessment.assess(gifts, cut)
    # one gift has no rhythm, and lapsed donors cause no alert
    scores = scores[~scores["status"].isin(("second gift", "lapsed"))]
    if not len(scores):
        return _NO_VERDICTS
    day, last = np.datetime64(cut), pd.to_datetime(scores["last_gift"]).to_numpy()
    since = ((day - last) / np.timedelta64(1, "D")).astype(float)
    length = scores["rhythm_days"].to_numpy(dtype=float)
    ends = day + np.ceil(dropout_model.horizon_of(length, since)).astype("timedelta64[D]")
    returned = _next_gift(gifts, scores["donor_id"].to_numpy(), day)
    return pd.DataFrame(
        {
            "donor_id": scores["donor_id"].to_numpy(),
            "cut": np.full(len(scores), day).astype("datetime64[s]"),
            "last": last.astype("datetime64[s]"),
            "usual": np.maximum(USUAL_DAYS, USUAL_GAPS * length).astype(np.int64),
            "risk": scores["risk"].to_numpy(dtype=float),
            "alarm": (scores["status"] == "at risk").to_numpy(),
            # a gift is known before the horizon ends, its absence is not: evaluate both at its end
            "known": ends <= np.datetime64(as_of),
            "gave": returned <= ends,
        }
    )


def _next_gift(gifts: pd.DataFrame, donors: npt.NDArray[np.int64], day: np.datetime64) -> Days:
    """Return each donor's first giving day after `day`, or a day in 2262 if there is none."""
    after = pd.to_datetime(gifts["gift_date"]) > pd.Timestamp(day)
    later = gifts[after & ~(gifts["amount"] < 0)]
    first = pd.to_datetime(later["gift_date"]).groupby(later["donor_id"]).min()
    first_days: Days = first.reindex(donors).fillna(pd.Timestamp("2262-01-01")).to_numpy()
    return first_days


def _bands(verdicts: pd.DataFrame) -> Iterator[Band]:
    bin_index = np.minimum((verdicts["risk"].to_numpy() * BINS).astype(int), BINS - 1)
    for number in range(BINS):
        in_bin = verdicts[bin_index == number]
        if len(in_bin):
            observed = 1.0 - float(in_bin["gave"].astype(float).mean())
            yield Band(
                number / BINS,
                (number + 1) / BINS,
                len(in_bin),
                float(in_bin["risk"].mean()),
                observed,
            )


def _first_alarms(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the first cut-off that rated a donor at risk since the same last gift."""
    alarms = verdicts[verdicts["alarm"].to_numpy(dtype=bool)].sort_values("cut")
    alarms = alarms.drop_duplicates(["donor_id", "last"])
    # donors at risk at the first cut-off may have been so for long
    new_alarms: pd.DataFrame = alarms[alarms["cut"] > verdicts["cut"].min()]
    return new_alarms


def _lead_days(alarms: pd.DataFrame, gifts: pd.DataFrame, as_of: date) -> Sequence[int]:
    """Return the days before the usual rule at which donors who stopped were flagged.

    Only alarms whose usual waiting time is over count; a donor who gave within it had not stopped.
    """
    if not len(alarms):
        return []
    usual_days = alarms["last"].to_numpy() + alarms["usual"].to_numpy().astype("timedelta64[D]")
    is_over = usual_days <= np.datetime64(as_of)
    gave: Bools = np.zeros(len(alarms), dtype=bool)
    for cut in pd.unique(alarms["cut"]):
        at_cut = (alarms["cut"] == cut).to_numpy()
        after = _next_gift(gifts, alarms["donor_id"].to_numpy()[at_cut], np.datetime64(cut, "D"))
        gave[at_cut] = after <= usual_days[at_cut]
    days_ahead = (usual_days - alarms["cut"].to_numpy()) / np.timedelta64(1, "D")
    lead_days: list[int] = days_ahead[is_over & ~gave].astype(int).tolist()
    return lead_days
