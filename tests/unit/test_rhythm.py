from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.donors.rhythm import COLUMNS, assess, sentence

AS_OF = date(2026, 11, 23)


def table(*donors: list[date]) -> pd.DataFrame:
    rows = [(n, day, 50) for n, days in enumerate(donors, start=1) for day in days]
    return pd.DataFrame(rows, columns=["donor_id", "gift_date", "amount"])


def every(step: int, times: int, last_ago: int) -> list[date]:
    last = AS_OF - timedelta(days=last_ago)
    return [last - timedelta(days=step * n) for n in range(times)]


def one(days: list[date]) -> pd.Series:
    return assess(table(days), AS_OF).iloc[0]


@pytest.mark.parametrize(
    ("days", "rhythm", "status"),
    [
        pytest.param(every(30, 14, 12), 30, "on rhythm", id="monthly, on time"),
        pytest.param(every(30, 14, 74), 30, "at risk", id="monthly, two missed"),
        pytest.param(every(365, 5, 300), 365, "on rhythm", id="yearly, before the day"),
        pytest.param(every(91, 9, 250), 91, "at risk", id="quarterly, long silent"),
        pytest.param(every(30, 14, 150), 30, "lapsed", id="monthly, five missed"),
        pytest.param([AS_OF - timedelta(days=20)], 365, "second gift", id="one gift"),
    ],
)
def test_status(days, rhythm, status):
    verdict = one(days)
    assert (round(verdict["rhythm_days"]), verdict["status"]) == (rhythm, status)


def test_two_gifts_at_the_end_of_each_year_are_a_yearly_rhythm():
    days = [date(year, month, 20) for year in range(2020, 2026) for month in (11, 12)]
    verdict = one(days)
    assert 320 <= verdict["rhythm_days"] <= 345
    assert verdict["status"] == "on rhythm"


def test_a_switch_to_monthly_wins_with_time():
    days = every(365, 3, 800) + every(30, 26, 10)
    assert one(days)["rhythm_days"] <= 31


def test_risk_grows_with_silence_and_stays_between_nought_and_one():
    risks = [one(every(30, 12, ago))["risk"] for ago in (5, 30, 45, 60, 90, 115)]
    assert risks == sorted(risks)
    assert 0 < risks[0] < 0.2
    assert 0.6 < risks[-1] < 1


def test_a_longer_horizon_leaves_less_risk():
    gifts = table(every(30, 12, 60))
    short = assess(gifts, AS_OF, horizon_days=30).iloc[0]["risk"]
    long = assess(gifts, AS_OF, horizon_days=365).iloc[0]["risk"]
    assert long < short


def test_nobody_gave_yet():
    assert list(assess(table(), AS_OF).columns) == COLUMNS
    assert assess(table([AS_OF + timedelta(days=1)]), AS_OF).empty


def test_refunds_are_no_giving_days():
    gifts = table(every(30, 6, 10))
    refund = pd.DataFrame({"donor_id": [1], "gift_date": [AS_OF], "amount": [-50]})
    assert assess(pd.concat([gifts, refund]), AS_OF).iloc[0]["gifts"] == 6


def test_peers_are_counted_from_the_past_only():
    steady = [every(30, 30, 10 + n % 20) for n in range(40)]
    silent = [every(30, 20, 70) for _ in range(12)]
    verdict = assess(table(*steady, *silent), AS_OF)
    assert (verdict["peers_returned"] <= verdict["peers"]).all()
    assert verdict["peers"].iloc[0] >= 40


DAYS = st.lists(st.dates(date(2022, 1, 1), date(2027, 6, 1)), min_size=1, max_size=15, unique=True)


@settings(max_examples=60)
@given(st.lists(DAYS, min_size=1, max_size=6), st.randoms())
def test_no_look_ahead_no_order_no_splitting(donors, rng):
    gifts = table(*donors)
    expected = assess(gifts, AS_OF)
    past = gifts[pd.to_datetime(gifts["gift_date"]) <= pd.Timestamp(AS_OF)]
    pd.testing.assert_frame_equal(assess(past, AS_OF), expected)
    order = list(range(len(gifts)))
    rng.shuffle(order)
    pd.testing.assert_frame_equal(assess(gifts.iloc[order], AS_OF), expected)
    halves = pd.concat([gifts.assign(amount=25), gifts.assign(amount=25)])
    pd.testing.assert_frame_equal(assess(halves, AS_OF), expected)


def test_types_are_those_the_database_takes():
    row = one(every(30, 5, 10))
    assert type(row["last_gift"]) is date
    assert type(row["expected_by"]) is date
    assert isinstance(row["regular"], (bool, np.bool_))


def test_the_sentence():
    words = {
        "gifts": 14, "rhythm_days": 31.0, "regular": True, "days_since": 74,
        "expected_by": "12 March", "peers": 57, "peers_returned": 9,
    }  # fmt: skip
    assert sentence(**words) == (
        "Gives about every 31 days (14 gifts, very regular). Last gift 74 days ago, 2.4 times the"
        " usual gap; expected about 12 March. Of 57 like this before, 9 gave again within their"
        " next cycle."
    )
    assert "Too few donors" in sentence(**words | {"peers": 9})
