"""Grouping pledges with the same due dates does not change the expected sums."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates.cadence import Frequency
from app.kit.dates.days import Span
from app.pledges.rules.projection import advance_start, due_by_currency, due_in, fixed_support
from app.pledges.rules.schedule import Pledge, instalments

# currency, frequency, anchor, start, end, amount
Row = tuple[str, str, int | None, date, date | None, int]
DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))
ANCHORS = st.none() | st.integers(1, 31)
ROWS = st.tuples(
    st.sampled_from(["USD", "EUR"]),
    st.sampled_from([str(frequency) for frequency in Frequency]),
    ANCHORS,
    DAYS,
    st.none() | st.dates(date(2026, 1, 1), date(2028, 6, 1)),
    st.integers(1, 10_000),
)


@given(st.sampled_from(list(Frequency)), DAYS, ANCHORS, DAYS)
def test_an_advanced_start_has_the_same_due_dates(
    frequency: Frequency, start: date, anchor: int | None, by: date
) -> None:
    until = by + timedelta(days=800)
    near, day = advance_start(frequency, start, anchor, by)

    def dues(begin: date, on: int | None) -> list[date]:
        due = instalments(Pledge(1, frequency, begin, anchor=on), until)
        return [instalment.due for instalment in due if instalment.due >= by]

    assert dues(near, day) == dues(start, anchor)


@given(st.lists(ROWS, max_size=12), DAYS, st.integers(1, 400))
def test_the_grouped_sum_is_that_of_each_pledge(rows: list[Row], start: date, length: int) -> None:
    span = Span(start, start + timedelta(days=length))
    expected = {"USD": 0, "EUR": 0}
    for currency, frequency, anchor, begin, end, minor in rows:
        if end is not None and end < begin:
            continue
        pledge = Pledge(minor, frequency, begin, anchor=anchor, end=end)
        expected[currency] += due_in(pledge, span)
    valid = [row for row in rows if row[4] is None or row[4] >= row[3]]
    sums = due_by_currency(valid, span)
    assert {unit: sums[unit] for unit in expected} == expected


YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(("received", "expected"), [(0, 1200), (100, 1100), (1200, 0), (2000, 0)])
def test_prepaid_instalments_are_subtracted(received: int, expected: int) -> None:
    pledge = Pledge(100, "monthly", date(2026, 1, 5))
    assert due_in(pledge, YEAR, received=received) == expected
    # instalments due before the span are paid first
    older = Pledge(100, "monthly", date(2025, 11, 5))
    assert due_in(older, YEAR, received=received + 200) == expected


TWELVE = Pledge(50, "monthly", date(2026, 1, 5), instalments=12)


@pytest.mark.parametrize(
    ("pledge", "received", "day", "support"),
    [
        pytest.param(TWELVE, 500, "2026-11-23", 50, id="ten of twelve"),
        pytest.param(TWELVE, 600, "2026-11-23", 0, id="all paid"),
        pytest.param(TWELVE, 500, "2026-12-31", 50, id="in the last period"),
        pytest.param(TWELVE, 500, "2027-01-05", 0, id="over, though two are open"),
        pytest.param(
            replace(TWELVE, changes=((date(2026, 7, 1), 100),)),
            600,
            "2026-09-20",
            100,
            id="raised to 100 after six, nine paid",
        ),
        pytest.param(
            replace(TWELVE, skips=frozenset({date(2026, 11, 5)})),
            400,
            "2026-11-23",
            0,
            id="this one is excused",
        ),
        pytest.param(
            replace(TWELVE, skips=frozenset({date(2026, 11, 5)})),
            400,
            "2026-12-05",
            50,
            id="the next one is not",
        ),
        pytest.param(TWELVE, 0, "2025-12-31", 50, id="before the first one"),
        pytest.param(
            Pledge(50, "monthly", date(2027, 5, 5), total=100),
            0,
            "2026-11-23",
            0,
            id="nothing due yet for long",
        ),
    ],
)
def test_a_fixed_pledge_counts_as_support_by_its_schedule(
    pledge: Pledge, received: int, day: str, support: int
) -> None:
    assert fixed_support(pledge, received, date.fromisoformat(day)) == support
