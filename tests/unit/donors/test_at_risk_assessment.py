"""The at-risk assessment: examples, invariants, and a slow reference implementation."""

import itertools
import math
import random
from datetime import date, timedelta
from functools import partial
from statistics import median
from typing import TypedDict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.donors.at_risk import assessment, dropout_model, replay_model
from app.donors.at_risk.assessment import COLUMNS, assess, sentence
from app.donors.at_risk.giving_history import NEVER, Position, file_of, positions

AS_OF = date(2026, 11, 23)
EPOCH = date(1970, 1, 1)


def table(*donors: list[date]) -> pd.DataFrame:
    rows = [(n, day, 50) for n, days in enumerate(donors, start=1) for day in days]
    return pd.DataFrame(rows, columns=["donor_id", "gift_date", "amount"])


def regular_gifts(step: int, times: int, last_ago: int) -> list[date]:
    last = AS_OF - timedelta(days=last_ago)
    return [last - timedelta(days=step * n) for n in range(times)]


def assess_one(days: list[date]) -> pd.Series:
    return assess(table(days), AS_OF).iloc[0]


@pytest.mark.parametrize(
    ("days", "length", "status"),
    [
        pytest.param(regular_gifts(30, 14, 12), 30, "on rhythm", id="monthly, on time"),
        pytest.param(regular_gifts(30, 14, 74), 30, "at risk", id="monthly, two missed"),
        pytest.param(regular_gifts(30, 14, 150), 30, "lapsed", id="monthly, five missed"),
        pytest.param(regular_gifts(7, 40, 9), 7, "on rhythm", id="weekly, two days late"),
        pytest.param(
            regular_gifts(91, 9, 250), 91, "at risk", id="quarterly, long without a gift"
        ),
        pytest.param(regular_gifts(365, 5, 300), 365, "on rhythm", id="yearly, before the day"),
        pytest.param(regular_gifts(365, 5, 371), 365, "on rhythm", id="yearly, a week late"),
        pytest.param(
            regular_gifts(365, 5, 460), 365, "on rhythm", id="yearly, three months, may yet come"
        ),
        pytest.param(regular_gifts(365, 5, 550), 365, "at risk", id="yearly, six months late"),
        pytest.param(
            regular_gifts(700, 3, 800),
            700,
            "at risk",
            id="every other year, 26 months without a gift",
        ),
        pytest.param(regular_gifts(300, 3, 740), 300, "lapsed", id="nothing for two years"),
        pytest.param([AS_OF - timedelta(days=20)], 365, "second gift", id="one gift"),
        pytest.param([AS_OF - timedelta(days=2000)], 365, "second gift", id="one gift, long ago"),
    ],
)
def test_status(days: list[date], length: int, status: str) -> None:
    verdict = assess_one(days)
    assert (round(verdict["rhythm_days"]), verdict["status"]) == (length, status)
    assert verdict["expected_by"] == max(days) + timedelta(days=length)
    assert verdict["overdue_ratio"] == pytest.approx((AS_OF - max(days)).days / length)


@pytest.mark.parametrize(
    ("ratio", "risk", "since", "status"),
    [
        pytest.param(1.2, 0.6, 120, "at risk", id="at the at-risk threshold"),
        pytest.param(1.2, 0.599, 120, "slipping", id="just below"),
        pytest.param(1.2, 0.5, 120, "slipping", id="at the slipping threshold"),
        pytest.param(1.2, 0.499, 120, "on rhythm", id="likely to come back"),
        pytest.param(1.1, 0.9, 110, "on rhythm", id="not overdue enough"),
        pytest.param(4.0, 0.1, 400, "lapsed", id="four gaps without a gift"),
        pytest.param(3.9, 0.9, 390, "at risk", id="just under four gaps"),
    ],
)
def test_status_thresholds(ratio: float, risk: float, since: int, status: str) -> None:
    now = Position(
        np.array([5]),
        np.array([since]),
        np.array([100.0]),
        np.array([0.1]),
        np.array([0.0]),
        np.array([NEVER]),
    )
    assert assessment.status_labels(now, np.array([ratio]), np.array([risk])) == [status]


def test_two_gifts_at_each_year_end_are_a_yearly_rhythm() -> None:
    days = [date(year, month, 20) for year in range(2020, 2026) for month in (11, 12)]
    verdict = assess_one(days)
    assert 320 <= verdict["rhythm_days"] <= 345
    assert verdict["status"] == "on rhythm"


def test_a_switch_to_monthly_changes_the_rhythm() -> None:
    days = regular_gifts(365, 3, 800) + regular_gifts(30, 26, 10)
    assert assess_one(days)["rhythm_days"] <= 31


def test_donors_with_one_gift_have_the_files_median_rhythm() -> None:
    verdicts = assess(
        table(regular_gifts(30, 9, 5), regular_gifts(90, 9, 5), regular_gifts(400, 3, 5), [AS_OF]),
        AS_OF,
    )
    assert verdicts["rhythm_days"].tolist() == [30, 90, 400, 90]


def test_risk_grows_with_days_since_the_last_gift() -> None:
    risks = [assess_one(regular_gifts(30, 12, ago))["risk"] for ago in (30, 45, 60, 90, 115)]
    assert risks == sorted(risks)
    assert 0 < risks[0] < 0.2
    assert 0.6 < risks[-1] < 1


@pytest.mark.parametrize(
    "days", [regular_gifts(30, 12, 60), regular_gifts(365, 5, 500), regular_gifts(7, 30, 20)]
)
def test_a_longer_horizon_lowers_the_risk(days: list[date]) -> None:
    short, long = (assess(table(days), AS_OF, horizon_days=h).iloc[0]["risk"] for h in (30, 365))
    assert long < short


@pytest.mark.parametrize(
    ("length", "since", "ahead"),
    [
        pytest.param(30, 5, 60, id="never below two months"),
        pytest.param(100, 20, 180, id="to two own cycles"),
        pytest.param(100, 150, 100, id="else one more cycle"),
        pytest.param(365, 10, 550, id="never above eighteen months"),
    ],
)
def test_horizon(length: int, since: int, ahead: int) -> None:
    now = positions(file_of(*as_arrays([regular_gifts(length, 4, since)])), days_from_1970(AS_OF))
    assert dropout_model.horizon(now) == [ahead]


def test_without_gifts() -> None:
    assert list(assess(table(), AS_OF).columns) == COLUMNS
    assert assess(table([AS_OF + timedelta(days=1)]), AS_OF).empty
    assert list(assess(table([AS_OF]), AS_OF).columns) == COLUMNS


def test_refunds_are_ignored_and_zero_amounts_count() -> None:
    gifts = table(regular_gifts(30, 6, 10))
    extra = pd.DataFrame({"donor_id": [1, 1], "gift_date": [AS_OF] * 2, "amount": [-50, -1]})
    assert assess(pd.concat([gifts, extra]), AS_OF).iloc[0]["gifts"] == 6
    assert assess(pd.concat([gifts, extra.assign(amount=0)]), AS_OF).iloc[0]["gifts"] == 7


def test_gifts_before_1970() -> None:
    verdicts = assess(table(regular_gifts(365, 80, 100), regular_gifts(365, 80, 100)), AS_OF)
    assert verdicts["gifts"].tolist() == [80, 80]
    assert verdicts["rhythm_days"].tolist() == [365, 365]


def test_peers_are_other_donors_and_each_counts_once() -> None:
    silent = [regular_gifts(30, 30, 70) for _ in range(12)]
    steady = [regular_gifts(30, 40, n % 30) for n in range(40)]
    verdict = assess(table(*silent, *steady), AS_OF)
    assert (verdict["peers"] <= len(verdict) - 1).all()
    assert (verdict["peers_returned"] <= verdict["peers"]).all()
    # monthly donors were on time at every cut-off and gave again
    assert verdict["peers"].iloc[-1] >= 30
    assert verdict["peers_returned"].iloc[-1] >= 30
    # no donor was 70 days late before
    assert verdict["peers"].iloc[0] == 0


def test_stopped_peers_count_as_not_returned() -> None:
    stopped = [regular_gifts(30, 12, 300 + n) for n in range(30)]
    candidate = regular_gifts(30, 12, 75)
    verdict = assess(table(*stopped, candidate), AS_OF).iloc[-1]
    assert verdict["peers"] == 30
    assert verdict["peers_returned"] == 0


def test_peers_of_donors_with_one_gift_have_one_gift_too() -> None:
    singles = [[AS_OF - timedelta(days=300 + n)] for n in range(20)]
    verdict = assess(table(*singles, regular_gifts(200, 4, 30)), AS_OF)
    assert verdict["peers"].iloc[-1] == 0


DAYS = st.lists(st.dates(date(2022, 1, 1), date(2027, 6, 1)), min_size=1, max_size=15, unique=True)


@settings(max_examples=60)
@given(st.lists(DAYS, min_size=1, max_size=6), st.sampled_from([None, 90]), st.randoms())
def test_later_gifts_order_and_splitting_have_no_effect(
    donors: list[list[date]], horizon: int | None, rng: random.Random
) -> None:
    gifts = table(*donors)
    expected = assess(gifts, AS_OF, horizon_days=horizon)
    past = gifts[pd.to_datetime(gifts["gift_date"]) <= pd.Timestamp(AS_OF)]
    order = list(range(len(gifts)))
    rng.shuffle(order)
    halves = pd.concat([gifts.assign(amount=25), gifts.assign(amount=25)])
    for same in (past, gifts.iloc[order], halves):
        pd.testing.assert_frame_equal(
            assess(same, AS_OF, horizon_days=horizon), expected, check_exact=True
        )


def test_later_gifts_have_no_effect_in_a_large_file() -> None:
    rng = random.Random(3)
    donors = [
        regular_gifts(rng.randrange(7, 400), rng.randrange(1, 12), rng.randrange(-90, 700))
        for _ in range(400)
    ]
    gifts = table(*donors)
    for day in (AS_OF, AS_OF - timedelta(days=200)):
        past = gifts[pd.to_datetime(gifts["gift_date"]) <= pd.Timestamp(day)]
        pd.testing.assert_frame_equal(assess(gifts, day), assess(past, day), check_exact=True)


def days_from_1970(day: date) -> int:
    return (day - EPOCH).days


def as_arrays(donors: list[list[date]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(n, days_from_1970(day)) for n, days in enumerate(donors) for day in days]
    return np.array([n for n, _ in pairs]), np.array([day for _, day in pairs])


def reference_position(
    days: list[date], cut: date
) -> tuple[int, int, float, float | None, float, int] | None:
    """Return gifts, days since, rhythm, spread, season and the next gift of one donor."""
    giving_days = sorted({day for day in days if day <= cut})
    if not giving_days:
        return None
    gaps = [
        ((later - earlier).days, (cut - later).days)
        for earlier, later in itertools.pairwise(giving_days)
    ]
    weighted = sorted((gap, gap * 0.5 ** (age / 730)) for gap, age in gaps)
    half, rhythm_days, running = sum(weight for _, weight in weighted) / 2, math.nan, 0.0
    for gap, weight in weighted:
        running += weight
        if running >= half * (1 - 1e-8):
            rhythm_days = gap
            break
    logs = [math.log(gap) for gap, _ in gaps]
    mean = sum(logs) / max(len(logs), 1)
    spread = (
        math.sqrt(sum((x - mean) ** 2 for x in logs) / (len(logs) - 1)) if len(logs) > 2 else None
    )
    angles = [days_from_1970(day) * 2 * math.pi / 365.2425 for day in giving_days]
    season = math.hypot(sum(map(math.cos, angles)), sum(map(math.sin, angles))) / len(giving_days)
    after = [days_from_1970(day) for day in days if day > cut]
    return (
        len(giving_days),
        (cut - giving_days[-1]).days,
        rhythm_days,
        spread,
        season,
        min(after, default=NEVER),
    )


@pytest.mark.parametrize("seed", range(8))
def test_positions_match_the_reference(seed: int) -> None:
    rng = random.Random(seed)
    donors = [
        [date(1995, 1, 1) + timedelta(days=rng.randrange(11_000)) for _ in range(size)]
        for size in (rng.choice([1, 2, 3, 5, 30]) for _ in range(60))
    ]
    file = file_of(*as_arrays(donors))
    for cut in (date(1995, 6, 1), date(2005, 3, 3), date(2020, 2, 29), AS_OF):
        position = positions(file, days_from_1970(cut))
        expected_rows = [reference_position(days, cut) for days in donors]
        known_rhythms = [
            expected[2] for expected in expected_rows if expected and not math.isnan(expected[2])
        ]
        median_rhythm = median(known_rhythms) if known_rhythms else 365.0
        for row, expected in enumerate(expected_rows):
            if expected is None:
                assert position.gifts[row] == 0
                continue
            gifts, since, length, spread, season, following = expected
            assert (position.gifts[row], position.since[row]) == (gifts, since)
            assert position.rhythm[row] == (median_rhythm if math.isnan(length) else length)
            assert position.next_day[row] == following
            assert position.season[row] == pytest.approx(season, abs=1e-6)
            if spread is None:
                assert math.isnan(position.spread[row])
            else:
                assert position.spread[row] == pytest.approx(spread, abs=1e-4)


def test_fit_recovers_the_true_coefficients() -> None:
    rng = np.random.default_rng(1)
    rows = np.column_stack([np.ones(50_000), rng.normal(size=(50_000, 2))])
    truth = np.array([-0.5, 1.5, -2.0])
    gave = rng.random(50_000) < dropout_model.logistic(rows @ truth)
    assert dropout_model.fit(rows, gave, np.zeros(3)) == pytest.approx(truth, abs=0.1)
    # from a distant start Newton's step overshoots and must be halved
    far = np.array([9.0, -9.0, 9.0])
    assert dropout_model.fit(rows, gave, far) == pytest.approx(truth, abs=0.1)


def test_an_unconverged_fit_is_closer_than_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropout_model, "ROUNDS", 1)
    rows = np.column_stack([np.ones(400), np.linspace(-3, 3, 400)])
    gave = rows[:, 1] > 0
    centre = np.array([0.0, -2.0])
    assert dropout_model.fit(rows, gave, centre)[1] > centre[1]


def test_few_rows_stay_near_the_shipped_coefficients() -> None:
    centre = np.array([0.3, -1.2])
    rows = np.array([[1.0, 0.5], [1.0, -0.5]])
    coefficients = dropout_model.fit(rows, np.array([True, False]), centre)
    assert np.abs(coefficients - centre).max() < 0.1
    assert (coefficients != centre).any()


def test_features_match_the_shipped_coefficients_and_are_bounded() -> None:
    donors = [
        regular_gifts(1, 90, 0),
        regular_gifts(900, 3, 5000),
        [AS_OF],
        regular_gifts(365, 20, 4000),
    ]
    now = positions(file_of(*as_arrays(donors)), days_from_1970(AS_OF))
    rows = dropout_model.features(now, dropout_model.horizon(now))
    assert rows.shape == (4, len(dropout_model.SHIPPED_COEFFICIENTS))
    assert np.abs(rows).max() < 20


def test_a_large_file_is_fitted_on_a_sample_of_donors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_model, "MOST_TRAINING_DONORS", 50)
    donors = [regular_gifts(30, 12, 5 + n % 80) for n in range(200)]
    verdicts = assess(table(*donors), AS_OF)
    assert len(verdicts) == 200
    assert verdicts["risk"].between(0, 1).all()


def test_types_for_the_database() -> None:
    row = assess_one(regular_gifts(30, 5, 10))
    assert type(row["last_gift"]) is date
    assert type(row["expected_by"]) is date
    assert isinstance(row["regular"], (bool, np.bool_))


class SentenceFacts(TypedDict, total=False):
    """What the sentence on a donor's giving is made of."""

    gifts: int
    rhythm_days: float
    regular: bool
    days_since: int
    expected_by: str
    peers: int
    peers_returned: int


usual_sentence = partial(
    sentence,
    gifts=14,
    rhythm_days=31.0,
    regular=True,
    days_since=74,
    expected_by="12 March",
    peers=57,
    peers_returned=9,
    locale="en_US",
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(
            {},
            "Gives about every 31 days (14 gifts, very regular). Last gift 74 days ago, 2.4 times"
            " the usual gap; expected about 12 March. Of 57 donors in this file in the same"
            " position, 9 gave again within their next cycle.",
            id="all facts",
        ),
        pytest.param(
            {"peers": 9, "regular": False},
            "Gives about every 31 days (14 gifts). Last gift 74 days ago, 2.4 times the usual"
            " gap; expected about 12 March. Too few donors in this file stood like this before"
            " to compare.",
            id="too few to compare",
        ),
        pytest.param(
            {"rhythm_days": 1.0, "days_since": 1, "peers": 1200, "peers_returned": 1100},
            "Gives about every day (14 gifts, very regular). Last gift 1 day ago, as long as the"
            " usual gap; expected about 12 March. Of 1,200 donors in this file in the same"
            " position, 1,100 gave again within their next cycle.",
            id="daily rhythm",
        ),
        pytest.param(
            {"gifts": 2, "days_since": 0, "peers": 10, "peers_returned": 0},
            "Gives about every 31 days (2 gifts, very regular). Last gift today, 0.0 times the"
            " usual gap; expected about 12 March. Of 10 donors in this file in the same"
            " position, 0 gave again within their next cycle.",
            id="today",
        ),
    ],
)
def test_sentence(changed: SentenceFacts, expected: str) -> None:
    assert usual_sentence(**changed) == expected
