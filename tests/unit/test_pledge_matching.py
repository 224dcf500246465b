"""Which gifts a pledge takes, and a slow second opinion that asks one gift after another."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.cadence import PERIOD_DAYS, Frequency
from app.pledges import matching
from app.pledges.rules import Pledge, assess, instalments

MONTHLY = Pledge(100, "monthly", date(2025, 1, 1))


def takes(pledge, gifts, amount, day) -> bool:
    reach = timedelta(days=PERIOD_DAYS[Frequency(pledge.frequency)] // 2)
    near = [one for one in instalments(pledge, day + reach) if abs(one.due - day) <= reach]
    if any(one.amount == amount for one in near):
        return True
    return bool(near) and amount == assess(pledge, gifts, day).behind


def test_nothing_to_match():
    assert matching.taken(MONTHLY, [], []) == []


@pytest.mark.parametrize(
    ("amount", "on", "taken"),
    [
        pytest.param(100, "2025-02-10", True, id="the instalment, near its day"),
        pytest.param(100, "2025-01-16", True, id="half a period away"),
        pytest.param(60, "2025-02-01", False, id="another amount"),
        pytest.param(200, "2025-02-01", True, id="the sum still open"),
        pytest.param(100, "2024-12-01", False, id="long before it began"),
    ],
)
def test_a_gift_finds_its_pledge(amount, on, taken):
    given_on = date.fromisoformat(on)
    found = matching.taken(MONTHLY, [], [matching.Candidate(7, given_on, amount)])
    assert found == ([7] if taken else [])


@given(
    frequency=st.sampled_from(list(Frequency)),
    days=st.lists(st.integers(-40, 500), max_size=10),
    amounts=st.lists(st.sampled_from([25, 50, 100, 150]), min_size=10, max_size=10),
)
def test_matching_many_is_matching_one_after_another(frequency, days, amounts):
    pledge = Pledge(50, frequency, date(2025, 1, 31))
    gifts = [
        matching.Candidate(number, pledge.start + timedelta(days=day), amount)
        for number, (day, amount) in enumerate(zip(days, amounts, strict=False))
    ]
    linked, taken = [], []
    for one in sorted(gifts, key=lambda one: (one.day, one.gift_id)):
        if takes(pledge, linked, one.amount, one.day):
            linked.append((one.day, one.amount))
            taken.append(one.gift_id)
    assert matching.taken(pledge, [], gifts) == taken
