"""Changed frequency, day or grace days of a pledge: earlier instalments stay unchanged."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates.cadence import Frequency
from app.pledges.rules.lateness import Pledge, Terms, assess, instalments, schedule

JAN = date(2025, 1, 5)


def dues(pledge: Pledge, until: str) -> list[str]:
    return [
        instalment.due.isoformat() for instalment in instalments(pledge, date.fromisoformat(until))
    ]


def test_each_instalment_falls_due_by_the_terms_of_its_day() -> None:
    pledge = Pledge(
        300,
        "quarterly",
        JAN,
        anchor=20,
        past=(Terms(date(2025, 3, 1), "monthly", 5), Terms(date(2025, 4, 1), "weekly", None)),
    )
    assert dues(pledge, "2025-08-01") == [
        "2025-01-05",
        "2025-02-05",
        "2025-03-01",
        "2025-03-08",
        "2025-03-15",
        "2025-03-22",
        "2025-03-29",
        "2025-04-20",
        "2025-07-20",
    ]


def test_a_fixed_pledge_counts_through_its_change() -> None:
    pledge = Pledge(
        50, "monthly", JAN, instalments=4, past=(Terms(date(2025, 2, 1), "weekly", None),)
    )
    assert dues(pledge, "2026-01-01") == ["2025-01-05", "2025-01-12", "2025-01-19", "2025-01-26"]


def test_earlier_instalments_keep_their_amounts_after_a_change() -> None:
    """A monthly pledge of 150 paid to the day, changed today to weekly instalments."""
    today = date(2026, 11, 23)
    start = date(2024, 1, 5)
    monthly = Pledge(150, "monthly", start)
    gifts = [(instalment.due, instalment.amount) for instalment in instalments(monthly, today)]
    changed = replace(monthly, frequency="weekly", past=(Terms(today, "monthly", 5),))
    assert (len(gifts), assess(changed, gifts, today).behind) == (35, 150)
    assert not assess(changed, gifts, today).late
    # had it been weekly from the start it would be far behind
    assert assess(replace(monthly, frequency="weekly"), gifts, today).behind > 5800


def test_each_instalment_has_the_grace_days_of_its_terms() -> None:
    pledge = Pledge(100, "weekly", JAN, past=(Terms(date(2025, 2, 1), "monthly", 5, 60),))
    assert not assess(pledge, [(date(2025, 2, 1), 200)], date(2025, 2, 10)).late
    assert assess(replace(pledge, past=()), [], date(2025, 1, 10)).late
    assert not assess(pledge, [], date(2025, 2, 5)).late
    # the instalment of January has 60 grace days; those of February have 4, which are over
    assert assess(pledge, [(date(2025, 1, 5), 100)], date(2025, 2, 20)).late


@given(
    frequency=st.sampled_from(list(Frequency)),
    start=st.dates(date(2024, 1, 1), date(2025, 12, 31)),
    anchor=st.none() | st.integers(1, 31),
    after=st.integers(1, 800),
)
def test_a_change_to_the_same_terms_changes_nothing_before_it(
    frequency: Frequency, start: date, anchor: int | None, after: int
) -> None:
    day = start + timedelta(days=after)
    until = day + timedelta(days=900)
    plain = Pledge(100, frequency, start, anchor=anchor)
    changed = Pledge(100, "annual", start, anchor=1, past=(Terms(day, frequency, anchor),))
    before = [instalment for instalment in instalments(plain, until) if instalment.due < day]
    after_change = instalments(changed, until)
    assert after_change[: len(before)] == before
    assert all(instalment.due >= day for instalment in after_change[len(before) :])
    assert [instalment.due for instalment in after_change] == sorted(
        {instalment.due for instalment in after_change}
    )


@pytest.mark.parametrize("fixed", [None, 30])
def test_skip_leaves_out_the_first_instalments(fixed: int | None) -> None:
    pledge = Pledge(
        100, "monthly", JAN, past=(Terms(date(2025, 3, 1), "weekly", None),), instalments=fixed
    )
    first_twelve = list(islice(schedule(pledge), 12))
    assert list(islice(schedule(pledge, skip=5), 7)) == first_twelve[5:]
