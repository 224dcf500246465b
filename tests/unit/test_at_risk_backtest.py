"""How good the alerts were: what was said on earlier days, held to what came."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from app.donors.at_risk import backtest
from app.donors.at_risk.backtest import FEWEST_STOPPED, STEP, USUAL_DAYS, measure

AS_OF = date(2026, 6, 1)


def table(*donors):
    rows = [(number, day) for number, days in enumerate(donors, 1) for day in days]
    frame = pd.DataFrame(rows, columns=["donor_id", "gift_date"])
    return frame.assign(gift_date=pd.to_datetime(frame["gift_date"]), amount=2500)


def monthly(last, times):
    return [last - timedelta(days=30 * number) for number in range(times)]


def faithful(many, *, until=AS_OF):
    return [monthly(until - timedelta(days=3 * (n % 9)), 60) for n in range(many)]


def stopping(many):
    """Monthly givers who stopped one after the other, 400 to 800 days ago."""
    ends = [AS_OF - timedelta(days=400 + 400 * n // many) for n in range(many)]
    return [monthly(end, 30) for end in ends]


def test_who_stopped_is_named_long_before_the_usual_rule():
    found = measure(table(*faithful(40), *stopping(30)), AS_OF)
    assert found.enough
    assert found.false_alarms == 0
    assert found.stopped >= FEWEST_STOPPED
    # noticed within a look or two of the second month missed
    assert USUAL_DAYS - 60 - 2 * STEP <= found.lead_days <= USUAL_DAYS - 30
    # what was said came true: nearly all of the low and of the high
    assert found.bands[0].came < 0.1
    assert found.bands[-1].came > 0.9


def test_who_came_back_is_a_false_alarm():
    gap = [monthly(AS_OF - timedelta(days=700 + 5 * n), 30) for n in range(25)]
    back = [days + monthly(AS_OF - timedelta(days=5), 21) for days in gap]
    wholly = measure(table(*faithful(40), *stopping(25)), AS_OF)
    found = measure(table(*faithful(40), *stopping(25), *back), AS_OF)
    assert found.false_alarms > wholly.false_alarms == 0
    assert found.false_share == found.false_alarms / found.alarms


def test_a_yearly_giver_is_held_to_two_years():
    def yearly(ago):
        return [AS_OF - timedelta(days=ago + 365 * k) for k in range(8)]

    gone, here = [yearly(735 + 12 * n) for n in range(40)], [yearly(7 * n) for n in range(50)]
    found = measure(table(*faithful(40), *here, *gone), AS_OF)
    assert found.stopped >= FEWEST_STOPPED
    # 730 days of waiting; named within half a year of the missed gift
    assert 180 < found.lead_days < 365


def test_who_was_at_risk_at_the_first_look_is_nobodys_merit():
    long_gone = [monthly(AS_OF - timedelta(days=STEP * 18 + 70 + n), 30) for n in range(30)]
    found = measure(table(*faithful(40), *long_gone), AS_OF)
    assert (found.alarms, found.stopped) == (0, 0)


def test_nothing_looks_ahead():
    gifts = table(*faithful(40), *stopping(30))
    later = table(*faithful(40, until=AS_OF + timedelta(days=400)), *stopping(30))
    mixed = pd.concat([later, gifts]).drop_duplicates().sample(frac=1.0, random_state=1)
    past = mixed[mixed["gift_date"] <= pd.Timestamp(AS_OF)]
    assert measure(mixed, AS_OF) == measure(past, AS_OF)


def test_every_verdict_is_in_one_band_and_bands_are_in_order():
    found = measure(table(*faithful(40), *stopping(30)), AS_OF)
    assert sum(one.verdicts for one in found.bands) == found.verdicts
    assert [one.low for one in found.bands] == sorted(one.low for one in found.bands)
    for one in found.bands:
        assert one.low <= one.said <= one.high
        assert 0 <= one.came <= 1


@pytest.mark.parametrize(
    "donors",
    [
        (),
        ([AS_OF],),
        (monthly(AS_OF, 2),),
        (monthly(AS_OF + timedelta(days=90), 2),),
    ],
)
def test_too_little_past_says_so(donors):
    found = measure(table(*donors), AS_OF)
    assert not found.enough
    assert (found.alarms, found.lead_days, found.false_share) == (0, None, None)


def test_refunds_are_no_gifts():
    gifts = table(*faithful(40), *stopping(30))
    refunds = gifts[gifts["donor_id"] > 40].assign(
        amount=-2500, gift_date=pd.Timestamp(AS_OF - timedelta(days=10))
    )
    assert measure(pd.concat([gifts, refunds]), AS_OF) == measure(gifts, AS_OF)


def test_the_outcome_is_that_of_the_donors_own_horizon():
    gifts = table(monthly(AS_OF - timedelta(days=200), 20))
    seen = backtest._look(gifts, AS_OF - timedelta(days=190), AS_OF)
    (row,) = seen.to_dict("records")
    # ten days after a gift the horizon is 60 days and over
    assert (row["known"], row["gave"]) == (True, False)
    young = backtest._look(gifts, AS_OF - timedelta(days=30), AS_OF)
    assert not np.any(young["known"])
