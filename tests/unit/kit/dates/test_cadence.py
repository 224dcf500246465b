"""Due dates step from their anchor, without drift over short months and leap days."""

import calendar
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice, pairwise, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates.cadence import (
    GRACE_DAYS,
    INTERVALS,
    PER_MONTH,
    PERIOD_DAYS,
    Frequency,
    day_in,
    due_dates,
    due_until,
    monthly_equivalent,
)

STARTS = st.dates(date(2000, 1, 1), date(2050, 12, 31))
ANCHORS = st.none() | st.integers(1, 31)
STEPPING = [frequency for frequency in Frequency if frequency != Frequency.ONCE]


def first(number: int, frequency: Frequency, start: date, anchor: int | None = None) -> list[str]:
    return [day.isoformat() for day in islice(due_dates(frequency, start, anchor), number)]


@pytest.mark.parametrize(
    ("frequency", "start", "anchor", "due"),
    [
        pytest.param(
            "weekly",
            date(2024, 2, 26),
            None,
            ["2024-02-26", "2024-03-04", "2024-03-11"],
            id="weekly over a leap day",
        ),
        pytest.param(
            "biweekly",
            date(2025, 12, 24),
            5,
            ["2025-12-24", "2026-01-07", "2026-01-21"],
            id="every two weeks asks no anchor",
        ),
        pytest.param(
            "semimonthly",
            date(2025, 1, 10),
            None,
            ["2025-01-15", "2025-02-01", "2025-02-15"],
            id="the 1st and the 15th",
        ),
        pytest.param(
            "semimonthly",
            date(2025, 1, 31),
            31,
            ["2025-01-31", "2025-02-15", "2025-02-28"],
            id="the 15th and the last day",
        ),
        pytest.param(
            "monthly",
            date(2025, 1, 31),
            None,
            ["2025-01-31", "2025-02-28", "2025-03-31"],
            id="the 31st comes back",
        ),
        pytest.param(
            "monthly",
            date(2025, 1, 20),
            5,
            ["2025-02-05", "2025-03-05", "2025-04-05"],
            id="the first anchor day after the start",
        ),
        pytest.param(
            "monthly",
            date(2024, 1, 30),
            30,
            ["2024-01-30", "2024-02-29", "2024-03-30"],
            id="the 30th in a leap year",
        ),
        pytest.param(
            "bimonthly",
            date(2025, 11, 1),
            None,
            ["2025-11-01", "2026-01-01", "2026-03-01"],
            id="over the new year",
        ),
        pytest.param(
            "quarterly",
            date(2025, 11, 30),
            None,
            ["2025-11-30", "2026-02-28", "2026-05-30"],
            id="quarterly",
        ),
        pytest.param(
            "semiannual",
            date(2025, 8, 31),
            31,
            ["2025-08-31", "2026-02-28", "2026-08-31"],
            id="half a year",
        ),
        pytest.param(
            "annual",
            date(2024, 2, 29),
            None,
            ["2024-02-29", "2025-02-28", "2026-02-28"],
            id="a leap day each year",
        ),
        pytest.param("once", date(2025, 6, 1), 9, ["2025-06-01"], id="once is once"),
    ],
)
def test_due_dates(frequency: str, start: date, anchor: int | None, due: list[str]) -> None:
    assert first(3, Frequency(frequency), start, anchor) == due


@given(st.sampled_from(STEPPING), STARTS, ANCHORS)
def test_due_dates_rise_and_begin_on_or_after_the_start(
    frequency: Frequency, start: date, anchor: int | None
) -> None:
    due = list(islice(due_dates(frequency, start, anchor), 60))
    assert due[0] >= start
    assert all(earlier < later for earlier, later in pairwise(due))


@given(
    st.sampled_from(["monthly", "bimonthly", "quarterly", "semiannual", "annual"]), STARTS, ANCHORS
)
def test_due_dates_are_on_the_anchor_or_the_months_last_day(
    frequency: str, start: date, anchor: int | None
) -> None:
    for due in islice(due_dates(Frequency(frequency), start, anchor), 60):
        last = calendar.monthrange(due.year, due.month)[1]
        assert due.day == min(anchor or start.day, last)


@given(st.sampled_from(list(Frequency)), STARTS, ANCHORS, st.integers(0, 40))
def test_skip_leaves_later_due_dates_unchanged(
    frequency: Frequency, start: date, anchor: int | None, skip: int
) -> None:
    due = list(islice(due_dates(frequency, start, anchor), skip + 5))
    assert list(islice(due_dates(frequency, start, anchor, skip=skip), 5)) == due[skip:]


@given(st.sampled_from(list(Frequency)), STARTS, st.integers(-40, 2000), ANCHORS)
def test_due_until_equals_due_dates(
    frequency: Frequency, start: date, length: int, anchor: int | None
) -> None:
    until = start + timedelta(days=length)
    one_by_one = list(takewhile(until.__ge__, due_dates(frequency, start, anchor)))
    assert due_until(frequency, start, until, anchor) == one_by_one


@given(st.integers(1, 9998), st.integers(1, 12), st.integers(1, 31))
def test_day_in(year: int, month: int, anchor: int) -> None:
    assert day_in(year, month, anchor).day == min(anchor, calendar.monthrange(year, month)[1])


@pytest.mark.parametrize(
    ("amount", "frequency", "a_month"),
    [
        (1200, "weekly", 5200),
        (1200, "biweekly", 2600),
        (50, "semimonthly", 100),
        (100, "monthly", 100),
        (100, "bimonthly", 50),
        (100, "quarterly", Fraction(100, 3)),
        (600, "semiannual", 100),
        (1, "annual", Fraction(1, 12)),
        (100, "once", 0),
    ],
)
def test_monthly_equivalent(amount: int, frequency: str, a_month: int | Fraction) -> None:
    assert monthly_equivalent(amount, frequency) == a_month


@given(st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from(STEPPING)), max_size=20))
def test_twelve_months_of_equivalents_are_a_year_of_instalments(
    instalments: list[tuple[int, Frequency]],
) -> None:
    a_year = {
        "weekly": 52,
        "biweekly": 26,
        "semimonthly": 24,
        "monthly": 12,
        "bimonthly": 6,
        "quarterly": 4,
        "semiannual": 2,
        "annual": 1,
    }
    months = sum((monthly_equivalent(*instalment) for instalment in instalments), Fraction(0))
    assert months * 12 == sum(amount * a_year[frequency] for amount, frequency in instalments)


def test_every_frequency_is_described() -> None:
    for facts in (GRACE_DAYS, PERIOD_DAYS, PER_MONTH, INTERVALS):
        assert set(facts) == set(Frequency)
