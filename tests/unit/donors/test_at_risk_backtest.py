"""The backtest: predictions on earlier days compared with what happened."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from app.donors.at_risk import backtest
from app.donors.at_risk.backtest import FEWEST_STOPPED, STEP, USUAL_DAYS, measure
from tests.values import present

AS_OF = date(2026, 6, 1)


def table(*donors: list[date]) -> pd.DataFrame:
    rows = [(number, day) for number, days in enumerate(donors, 1) for day in days]
    frame = pd.DataFrame(rows, columns=["donor_id", "gift_date"])
    return frame.assign(gift_date=pd.to_datetime(frame["gift_date"]), amount=2500)


def monthly(last: date, times: int) -> list[date]:
    return [last - timedelta(days=30 * number) for number in range(times)]


def steady_donors(count: int, *, until: date = AS_OF) -> list[list[date]]:
    return [monthly(until - timedelta(days=3 * (n % 9)), 60) for n in range(count)]


def stopped_donors(count: int) -> list[list[date]]:
    """Return monthly donors who stopped one after the other, 400 to 800 days ago."""
    ends = [AS_OF - timedelta(days=400 + 400 * n // count) for n in range(count)]
    return [monthly(end, 30) for end in ends]


def test_stopped_donors_are_flagged_before_the_usual_rule() -> None:
    result = measure(table(*steady_donors(40), *stopped_donors(30)), AS_OF)
    assert result.enough
    assert result.false_alarms == 0
    assert result.stopped >= FEWEST_STOPPED
    # flagged within two cut-offs of the second missed month
    assert USUAL_DAYS - 60 - 2 * STEP <= present(result.lead_days) <= USUAL_DAYS - 30
    # the predictions are right: nearly all of the lowest and of the highest band
    assert result.bands[0].came < 0.1
    assert result.bands[-1].came > 0.9


def test_returning_donors_are_false_alarms() -> None:
    paused = [monthly(AS_OF - timedelta(days=700 + 5 * n), 30) for n in range(25)]
    returning = [days + monthly(AS_OF - timedelta(days=5), 21) for days in paused]
    without_returning = measure(table(*steady_donors(40), *stopped_donors(25)), AS_OF)
    result = measure(table(*steady_donors(40), *stopped_donors(25), *returning), AS_OF)
    assert result.false_alarms > without_returning.false_alarms == 0
    assert result.false_share == result.false_alarms / result.alarms


def test_yearly_donors_are_measured_against_two_years() -> None:
    def yearly(ago: int) -> list[date]:
        return [AS_OF - timedelta(days=ago + 365 * k) for k in range(8)]

    stopped, active = [yearly(735 + 12 * n) for n in range(40)], [yearly(7 * n) for n in range(50)]
    result = measure(table(*steady_donors(40), *active, *stopped), AS_OF)
    assert result.stopped >= FEWEST_STOPPED
    # the usual rule waits 730 days; flagged within half a year of the missed gift
    assert 180 < present(result.lead_days) < 365


def test_donors_at_risk_at_the_first_cutoff_are_excluded() -> None:
    long_gone = [monthly(AS_OF - timedelta(days=STEP * 18 + 70 + n), 30) for n in range(30)]
    result = measure(table(*steady_donors(40), *long_gone), AS_OF)
    assert (result.alarms, result.stopped) == (0, 0)


def test_gifts_after_the_day_are_ignored() -> None:
    gifts = table(*steady_donors(40), *stopped_donors(30))
    later = table(*steady_donors(40, until=AS_OF + timedelta(days=400)), *stopped_donors(30))
    mixed = pd.concat([later, gifts]).drop_duplicates().sample(frac=1.0, random_state=1)
    past = mixed[mixed["gift_date"] <= pd.Timestamp(AS_OF)]
    assert measure(mixed, AS_OF) == measure(past, AS_OF)


def test_bands_are_ordered_and_contain_every_verdict() -> None:
    result = measure(table(*steady_donors(40), *stopped_donors(30)), AS_OF)
    assert sum(band.verdicts for band in result.bands) == result.verdicts
    assert [band.low for band in result.bands] == sorted(band.low for band in result.bands)
    for band in result.bands:
        assert band.low <= band.said <= band.high
        assert 0 <= band.came <= 1


@pytest.mark.parametrize(
    "donors",
    [
        (),
        ([AS_OF],),
        (monthly(AS_OF, 2),),
        (monthly(AS_OF + timedelta(days=90), 2),),
    ],
)
def test_too_little_history(donors: tuple[list[date], ...]) -> None:
    result = measure(table(*donors), AS_OF)
    assert not result.enough
    assert (result.alarms, result.lead_days, result.false_share) == (0, None, None)


def test_refunds_are_ignored() -> None:
    gifts = table(*steady_donors(40), *stopped_donors(30))
    refunds = gifts[gifts["donor_id"] > 40].assign(
        amount=-2500, gift_date=pd.Timestamp(AS_OF - timedelta(days=10))
    )
    assert measure(pd.concat([gifts, refunds]), AS_OF) == measure(gifts, AS_OF)


def test_the_outcome_is_evaluated_at_the_donors_horizon() -> None:
    gifts = table(monthly(AS_OF - timedelta(days=200), 20))
    verdicts = backtest.verdicts_on(gifts, AS_OF - timedelta(days=190), AS_OF)
    (row,) = verdicts.to_dict("records")
    # ten days after a gift the horizon is 60 days, which have passed
    assert (row["known"], row["gave"]) == (True, False)
    recent = backtest.verdicts_on(gifts, AS_OF - timedelta(days=30), AS_OF)
    assert not np.any(recent["known"])
