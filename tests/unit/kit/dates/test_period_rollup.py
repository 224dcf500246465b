"""Blocks plus and minus edges cover exactly the days of a range."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates.days import Span
from app.kit.dates.period_rollup import PeriodRollup, by_months, by_years

DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))


def count_days(cover: PeriodRollup, first: date, number: int) -> list[int]:
    """Return how often each day is counted, plus and minus."""
    days = [first + timedelta(days=n) for n in range(number)]
    return [
        sum(day in block for block in cover.blocks)
        + sum(sign for span, sign in cover.edges if day in span)
        for day in days
    ]


@given(DAYS, st.integers(1, 900), st.integers(1, 12))
def test_each_day_in_the_range_counts_once(start: date, length: int, month: int) -> None:
    span = Span(start, start + timedelta(days=length))
    first = date(2018, 1, 1)
    expected = [int(first + timedelta(days=n) in span) for n in range(4800)]
    assert count_days(by_months(span), first, 4800) == expected
    assert count_days(by_years(span, month), first, 4800) == expected


@pytest.mark.parametrize(
    ("span", "blocks", "edges"),
    [
        pytest.param((date(2026, 1, 1), date(2027, 1, 1)), 1, 0, id="a whole year"),
        pytest.param((date(2026, 1, 1), date(2026, 11, 24)), 1, 1, id="most of a year"),
        pytest.param((date(2026, 1, 1), date(2026, 2, 1)), 0, 1, id="little of a year"),
        pytest.param((date(2025, 11, 24), date(2026, 11, 24)), 1, 2, id="twelve months"),
    ],
)
def test_a_block_is_used_whole_when_half_of_it_is_in_the_range(
    span: tuple[date, date], blocks: int, edges: int
) -> None:
    cover = by_years(Span(*span), 1)
    assert (len(cover.blocks), len(cover.edges)) == (blocks, edges)
