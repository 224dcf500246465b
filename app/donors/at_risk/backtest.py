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
LOOKS, STEP = 18, 42
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
    known = gifts[pd.to_datetime(gifts["gift_date"]) <= pd.Timestamp(as_of)]
    looks = [_look(known, cut, as_of) for cut in _cuts(as_of)]
    seen = pd.concat([one for one in looks if len(one)] or [_NOTHING], ignore_index=True)
    told = seen[seen["known"].to_numpy(dtype=bool)]
    alarms = _first_alarms(seen)
    sure = alarms[alarms["known"].to_numpy(dtype=bool)]
    lead = _lead(alarms, known, as_of)
    return Reliability(
        as_of=as_of,
        looks=sum(len(one) > 0 for one in looks),
        verdicts=len(told),
        bands=tuple(_bands(told)),
        alarms=len(sure),
        false_alarms=int(sure["gave"].sum()),
        stopped=len(lead),
        lead_days=int(np.median(lead)) if len(lead) >= FEWEST_STOPPED else None,
    )


_NOTHING = pd.DataFrame(
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


def _cuts(as_of: date) -> Iterator[date]:
    for number in range(1, LOOKS + 1):
        yield as_of - timedelta(days=STEP * number)


def _look(gifts: pd.DataFrame, cut: date, as_of: date) -> pd.DataFrame:
    """Return the verdicts of one day and what is known of each donor since."""
    seen = assessment.assess(gifts, cut)
    # one gift has no rhythm, and lapsed donors cause no alert
    seen = seen[~seen["status"].isin(("second gift", "lapsed"))]
    if not len(seen):
        return _NOTHING
    day, last = np.datetime64(cut), pd.to_datetime(seen["last_gift"]).to_numpy()
    since = ((day - last) / np.timedelta64(1, "D")).astype(float)
    length = seen["rhythm_days"].to_numpy(dtype=float)
    ends = day + np.ceil(dropout_model.horizon_of(length, since)).astype("timedelta64[D]")
    returned = _next_gift(gifts, seen["donor_id"].to_numpy(), day)
    return pd.DataFrame(
        {
            "donor_id": seen["donor_id"].to_numpy(),
            "cut": np.full(len(seen), day).astype("datetime64[s]"),
            "last": last.astype("datetime64[s]"),
            "usual": np.maximum(USUAL_DAYS, USUAL_GAPS * length).astype(np.int64),
            "risk": seen["risk"].to_numpy(dtype=float),
            "alarm": (seen["status"] == "at risk").to_numpy(),
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
    found: Days = first.reindex(donors).fillna(pd.Timestamp("2262-01-01")).to_numpy()
    return found


def _bands(told: pd.DataFrame) -> Iterator[Band]:
    place = np.minimum((told["risk"].to_numpy() * BINS).astype(int), BINS - 1)
    for number in range(BINS):
        some = told[place == number]
        if len(some):
            came = 1.0 - float(some["gave"].astype(float).mean())
            yield Band(
                number / BINS, (number + 1) / BINS, len(some), float(some["risk"].mean()), came
            )


def _first_alarms(seen: pd.DataFrame) -> pd.DataFrame:
    """Return the first cut-off that rated a donor at risk since the same last gift."""
    alarms = seen[seen["alarm"].to_numpy(dtype=bool)].sort_values("cut")
    alarms = alarms.drop_duplicates(["donor_id", "last"])
    # donors at risk at the first cut-off may have been so for long
    fresh: pd.DataFrame = alarms[alarms["cut"] > seen["cut"].min()]
    return fresh


def _lead(alarms: pd.DataFrame, gifts: pd.DataFrame, as_of: date) -> Sequence[int]:
    """Return the days before the usual rule at which donors who stopped were flagged.

    Only alarms whose usual waiting time is over count; a donor who gave within it had not stopped.
    """
    if not len(alarms):
        return []
    noticed = alarms["last"].to_numpy() + alarms["usual"].to_numpy().astype("timedelta64[D]")
    over = noticed <= np.datetime64(as_of)
    gave: Bools = np.zeros(len(alarms), dtype=bool)
    for cut in pd.unique(alarms["cut"]):
        here = (alarms["cut"] == cut).to_numpy()
        after = _next_gift(gifts, alarms["donor_id"].to_numpy()[here], np.datetime64(cut, "D"))
        gave[here] = after <= noticed[here]
    ahead = (noticed - alarms["cut"].to_numpy()) / np.timedelta64(1, "D")
    lead: list[int] = ahead[over & ~gave].astype(int).tolist()
    return lead
