"""Claim: donors who stopped are found earlier and with fewer false alarms than by counting days.

Compares the assessment with plain recency and the rule "no gift for 60 days, two gifts or more",
on public purchases and on simulated donors whose last day is known, and measures its speed.
`python -m benchmarks.at_risk [--wheel FILE] [--json]`.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal, TypedDict

import numpy as np
import pandas as pd

from app.donors.at_risk import assessment
from benchmarks.at_risk import public_data as public
from benchmarks.at_risk.simulated import START, Simulated, simulate

CUTS = (
    (date(1997, 9, 30), 90),
    (date(1997, 12, 31), 90),
    (date(1998, 3, 31), 90),
    (date(1997, 12, 31), 180),
)
SCAN_FROM, SCANS, STEP = date(2023, 1, 1), 36, 28
# minimum values, except "brier" (maximum)
Where = Literal["three", "all", "simulation"]
REACH: dict[Where, dict[str, float]] = {
    "three": {"auc": 0.705, "ap": 0.733, "brier": 0.217},
    "all": {"auc": 0.800, "brier": 0.114},
    "simulation": {"auc": 0.96, "ap": 0.89},
}
MOST_FLAGGED, LEAST_CAUGHT, MOST_DELAY = 0.07, 0.85, 90
# for fitting and scoring together; the requirement was 2 s for scoring alone
SCORE_SECONDS = 2.0


def main() -> None:
    """Measure and print; the exit code says whether every limit was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", help=f"The wheel of {public.PACKAGE}.")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = measure(chosen.wheel)
    print(json.dumps(figures) if chosen.json else format_report(figures))
    raise SystemExit(0 if all(reached(figures)) else 1)


class Results(TypedDict):
    """Every result by name."""

    three: dict[str, float]
    all: dict[str, float]
    simulation: dict[str, float]
    scan: dict[str, float]
    no_look_ahead: bool
    speed: dict[str, float]


def measure(wheel: str | None) -> Results:
    """Return every result by name."""
    shop = public.purchases(public.wheel(wheel))
    donors = simulate(6_000, seed=11)
    return {
        "three": on_purchases(shop, fewest=3),
        "all": on_purchases(shop, fewest=1),
        "simulation": on_simulation(donors),
        "scan": scan(donors),
        "no_look_ahead": no_look_ahead(shop),
        "speed": speed(),
    }


def on_purchases(shop: pd.DataFrame, *, fewest: int) -> dict[str, float]:
    """Return the mean over the cut-offs of each score, for the assessment and the simple rules."""
    scores = []
    for cut, ahead in CUTS:
        assessed = assessment.assess(shop, cut, horizon_days=ahead)
        assessed = assessed[assessed["gifts"] >= fewest]
        later = shop[
            (shop["gift_date"] > pd.Timestamp(cut))
            & (shop["gift_date"] <= pd.Timestamp(cut) + pd.Timedelta(days=ahead))
        ]
        stopped = ~assessed["donor_id"].isin(later["donor_id"]).to_numpy()
        scores.append(_scores(assessed, stopped, cut))
    return {name: float(np.mean([score[name] for score in scores])) for name in scores[0]}


def _scores(assessed: pd.DataFrame, stopped: np.ndarray, cut: date) -> dict[str, float]:
    since = (pd.Timestamp(cut) - pd.to_datetime(assessed["last_gift"])).dt.days.to_numpy(
        dtype=float
    )
    rule = ((since > 60) & (assessed["gifts"].to_numpy() >= 2)).astype(float)
    risk = assessed["risk"].to_numpy()
    return {
        "auc": auc(risk, stopped),
        "ap": average_precision(risk, stopped),
        "brier": float(np.mean((risk - stopped) ** 2)),
        "recency_auc": auc(since, stopped),
        "recency_ap": average_precision(since, stopped),
        "rule_auc": auc(rule, stopped),
        "rule_ap": average_precision(rule, stopped),
    }


def on_simulation(donors: Simulated) -> dict[str, float]:
    """Return the scores over donors with two gifts who give, or stopped within 18 months."""
    scores = []
    for number in range(0, SCANS, 6):
        cut = SCAN_FROM + timedelta(days=STEP * number)
        assessed = assessment.assess(donors.gifts, cut)
        missed = donors.missed[assessed["donor_id"].to_numpy()]
        ago = (cut - START).days - missed
        scored = (assessed["gifts"].to_numpy() >= 2) & (ago <= 548)
        scores.append(_scores(assessed[scored], (ago >= 0)[scored], cut))
    return {name: float(np.mean([score[name] for score in scores])) for name in scores[0]}


def scan(donors: Simulated) -> dict[str, float]:
    """Assess every 28 days for 33 months; return false alarms and how soon stops were found."""
    caught = np.full(len(donors.missed), np.inf)
    months = flagged = by_rule = 0
    known = np.zeros(len(donors.missed), dtype=bool)
    for number in range(SCANS):
        cut = SCAN_FROM + timedelta(days=STEP * number)
        today = (cut - START).days
        assessed = assessment.assess(donors.gifts, cut)
        ids = assessed["donor_id"].to_numpy()
        two = assessed["gifts"].to_numpy() >= 2
        ago = today - donors.missed[ids]
        alarm = (assessed["status"] == "at risk").to_numpy()
        since = (pd.Timestamp(cut) - pd.to_datetime(assessed["last_gift"])).dt.days.to_numpy()
        current = two & (ago < 0)
        months += int(current.sum())
        flagged += int((alarm & current).sum())
        by_rule += int(((since > 60) & current).sum())
        known[ids[two]] = True
        late = alarm & (ago >= 0)
        caught[ids[late]] = np.minimum(caught[ids[late]], ago[late])
    first, last = (SCAN_FROM - START).days, (SCAN_FROM - START).days + STEP * SCANS - 200
    stopped = known & (donors.missed >= first) & (donors.missed < last)
    yearly = stopped & (donors.cadence == "annual")
    delays = caught[yearly]
    return {
        "flagged": flagged / months,
        "rule_flagged": by_rule / months,
        "caught": float(np.mean(caught[stopped] <= 120)),
        "lapsers": int(stopped.sum()),
        "annual_delay": float(np.median(delays)),
    }


def no_look_ahead(shop: pd.DataFrame) -> bool:
    """Return whether later gifts, another order and a split gift leave every verdict unchanged."""
    cut = date(1997, 12, 31)
    wanted = assessment.assess(shop, cut)
    past = shop[shop["gift_date"] <= pd.Timestamp(cut)]
    twice = pd.concat([past, past.iloc[:50]]).sample(frac=1.0, random_state=3)
    return all(
        wanted.equals(assessment.assess(other, cut)) for other in (past, shop.iloc[::-1], twice)
    )


def speed() -> dict[str, float]:
    """Return the seconds for 50,000 donors with 1,000,000 gifts, fitting and scoring."""
    dice = np.random.default_rng(5)
    gifts = pd.DataFrame(
        {
            "donor_id": dice.integers(1, 50_001, 1_000_000),
            "gift_date": np.datetime64("2016-01-01")
            + dice.integers(0, 3650, 1_000_000).astype("timedelta64[D]"),
            "amount": 25.0,
        }
    )
    whole = _seconds(lambda: assessment.assess(gifts, date(2026, 1, 1)))
    return {"learn_and_score_s": whole}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def auc(score: np.ndarray, truth: np.ndarray) -> float:
    """Return the chance that a donor who stopped scores above one who did not.

    By mean ranks (Mann and Whitney), so that equal scores count one half.
    """
    ranks = pd.Series(score).rank().to_numpy()
    stopped = int(truth.sum())
    others = len(truth) - stopped
    return float((ranks[truth].sum() - stopped * (stopped + 1) / 2) / (stopped * others))


def average_precision(score: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean precision at each step of recall; equal scores are one step."""
    order = np.argsort(-score, kind="stable")
    hits, ends = np.cumsum(truth[order]), np.flatnonzero(np.diff(score[order]) != 0)
    ends = np.r_[ends, len(score) - 1]
    precision = hits[ends] / (ends + 1)
    recall = hits[ends] / truth.sum()
    return float(np.sum(np.diff(np.r_[0.0, recall]) * precision))


def reached(figures: Results) -> list[bool]:
    """Return for every limit whether it was met."""
    held = []
    for where, limits in REACH.items():
        for name, limit in limits.items():
            value = figures[where][name]
            held.append(value <= limit if name == "brier" else value >= limit)
    scanned, speeds = figures["scan"], figures["speed"]
    return [
        *held,
        scanned["flagged"] <= MOST_FLAGGED,
        scanned["caught"] >= LEAST_CAUGHT,
        scanned["annual_delay"] <= MOST_DELAY,
        figures["no_look_ahead"],
        speeds["learn_and_score_s"] <= SCORE_SECONDS,
    ]


def format_report(figures: Results) -> str:
    """Return the results as a table, each with its limit and the simple rules."""
    lines = [f"{'':<34}{'ours':>8}{'reach':>9}{'60 days':>9}{'recency':>9}"]
    titles: dict[Where, str] = {
        "three": "purchases, 3 giving days",
        "all": "purchases, everybody",
        "simulation": "simulated donors",
    }
    for where, limits in REACH.items():
        for name, limit in limits.items():
            seen, sign = figures[where], "≤" if name == "brier" else "≥"
            others = "".join(
                f"{seen[key]:>9.3f}" if (key := f"{rule}_{name}") in seen else f"{'':>9}"
                for rule in ("rule", "recency")
            )
            label = f"{titles[where]}, {name.upper()}"
            lines.append(f"{label:<34}{seen[name]:>8.3f}{sign:>4}{limit:>5.3f}{others}")
    scanned, speeds = figures["scan"], figures["speed"]
    flagged, rule = scanned["flagged"], f"{scanned['rule_flagged']:>9.0%}"
    caught, delay = scanned["caught"], scanned["annual_delay"]
    stopped, took = scanned["lapsers"], speeds["learn_and_score_s"]
    kept = "yes" if figures["no_look_ahead"] else "NO"
    lines += [
        _line("current donor-months flagged", f"{flagged:.1%}", f"≤ {MOST_FLAGGED:.0%}", rule),
        _line(
            "caught within 120 days",
            f"{caught:.1%}",
            f"≥ {LEAST_CAUGHT:.0%}",
            f" of {stopped:,} who stopped",
        ),
        _line("yearly givers, median delay", f"{delay:.0f} d", f"≤ {MOST_DELAY} d", ""),
        _line("no look-ahead", kept, "yes", ""),
        _line(
            "50,000 donors, 1,000,000 gifts",
            f"{took:.1f} s",
            f"≤ {SCORE_SECONDS:.0f} s",
            " learning and scoring",
        ),
    ]
    return "\n".join(lines)


def _line(label: str, value: str, limit: str, rest: str) -> str:
    return f"{label:<34}{value:>8}{limit:>9}{rest}"


if __name__ == "__main__":
    main()
