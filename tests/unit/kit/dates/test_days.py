"""Ranges of days: half-open, leap years, fiscal years that begin in any month."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates import days
from app.kit.dates.days import (
    Span,
    fiscal_span,
    fiscal_to_date,
    fiscal_year,
    month_of,
    months_after,
    months_back,
    trailing_year,
    week_before,
    year_earlier,
)
from app.kit.errors import InvalidError

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
MONTHS = st.integers(1, 12)


def span(start: str, end: str) -> Span:
    return Span(date.fromisoformat(start), date.fromisoformat(end))


def test_the_start_is_inside_and_the_end_is_not() -> None:
    week = span("2026-11-16", "2026-11-23")
    assert [date(2026, 11, day) in week for day in (15, 16, 22, 23)] == [False, True, True, False]
    assert (week.days, week.last) == (7, date(2026, 11, 22))


@pytest.mark.parametrize(
    ("span_found", "expected"),
    [
        pytest.param(
            span("2024-02-29", "2024-03-01").year_before(),
            span("2023-02-28", "2023-03-01"),
            id="a leap day, the year before",
        ),
        pytest.param(month_of(date(2024, 2, 29)), span("2024-02-01", "2024-03-01"), id="February"),
        pytest.param(
            month_of(date(2025, 12, 31)), span("2025-12-01", "2026-01-01"), id="December"
        ),
        pytest.param(
            week_before(date(2026, 1, 3)), span("2025-12-27", "2026-01-03"), id="the week before"
        ),
        pytest.param(
            trailing_year(date(2026, 11, 23)),
            span("2025-11-24", "2026-11-24"),
            id="twelve months to today",
        ),
        pytest.param(
            trailing_year(date(2024, 2, 29)),
            span("2023-03-01", "2024-03-01"),
            id="twelve months to a leap day",
        ),
        pytest.param(fiscal_span(2026, 1), span("2026-01-01", "2027-01-01"), id="from January"),
        pytest.param(fiscal_span(2026, 7), span("2025-07-01", "2026-07-01"), id="from July"),
        pytest.param(
            fiscal_to_date(date(2026, 11, 23), 10),
            span("2026-10-01", "2026-11-24"),
            id="this fiscal year so far",
        ),
    ],
)
def test_spans(span_found: Span, expected: Span) -> None:
    assert span_found == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-05-05", 0, "2026-05-05"),
    ],
)
def test_months_after(day: str, months: int, expected: str) -> None:
    assert months_after(date.fromisoformat(day), months).isoformat() == expected


@pytest.mark.parametrize(
    ("day", "start_month", "year"),
    [
        ("2026-01-01", 1, 2026),
        ("2026-12-31", 1, 2026),
        ("2026-06-30", 7, 2026),
        ("2026-07-01", 7, 2027),
        ("2026-12-31", 12, 2027),
    ],
)
def test_a_fiscal_year_is_named_by_the_year_it_ends_in(
    day: str, start_month: int, year: int
) -> None:
    assert fiscal_year(date.fromisoformat(day), start_month) == year


@given(DAYS, MONTHS)
def test_every_day_is_in_its_fiscal_year(day: date, start_month: int) -> None:
    year = fiscal_span(fiscal_year(day, start_month), start_month)
    so_far = fiscal_to_date(day, start_month)
    assert day in year
    assert (so_far.start, so_far.last) == (year.start, day)
    assert year.days in (365, 366)


@given(DAYS)
def test_a_trailing_year_ends_today(day: date) -> None:
    year = trailing_year(day)
    assert year.last == day
    assert year.days in (365, 366)
    assert day + timedelta(days=1) not in year


@given(DAYS, st.integers(1, 40))
def test_months_back_are_first_days_one_month_apart(day: date, number: int) -> None:
    months = months_back(day, number)
    assert len(months) == number
    assert months[-1] == day.replace(day=1)
    assert months == [months_after(months[0], step) for step in range(number)]
    assert {month.day for month in months} == {1}


@pytest.mark.parametrize(
    ("day", "earlier", "first"),
    [
        ("2027-02-27", "2026-02-27", "2026-02-28"),
        ("2027-02-28", "2026-02-28", "2026-03-01"),
        ("2027-03-01", "2026-03-01", "2026-03-02"),
        ("2028-02-27", "2027-02-27", "2027-02-28"),
        ("2028-02-28", "2027-02-28", "2027-03-01"),
        ("2028-02-29", "2027-02-28", "2027-03-01"),
        ("2028-03-01", "2027-03-01", "2027-03-02"),
        ("2029-02-27", "2028-02-27", "2028-02-28"),
        ("2029-02-28", "2028-02-29", "2028-03-01"),
        ("2029-03-01", "2028-03-01", "2028-03-02"),
        ("2030-02-28", "2029-02-28", "2029-03-01"),
    ],
)
def test_a_year_is_subtracted_from_the_last_day(day: str, earlier: str, first: str) -> None:
    last, before, start = (date.fromisoformat(text) for text in (day, earlier, first))
    assert year_earlier(last) == before
    assert trailing_year(last) == Span(start, last + timedelta(days=1))
    assert fiscal_to_date(last, 1).year_before().last == before
    assert fiscal_to_date(last, 1).year_before().start == date(last.year - 1, 1, 1)


@given(DAYS, st.integers(1, 1500), st.integers(1, 12), st.integers(1, 31))
def test_a_yearly_gift_is_in_each_trailing_year_once(
    first: date, number: int, month: int, of_month: int
) -> None:
    given_on = set()
    for year in range(1980, 2100):
        try:
            given_on.add(date(year, month, of_month))
        except ValueError:
            # 29 February: only in leap years, so at most once
            continue
    every_year = (month, of_month) != (2, 29) and len(given_on) == 120
    for back in range(0, number, 1 if number < 60 else 7):
        day = first + timedelta(days=back)
        span = trailing_year(day)
        # it begins where the trailing year of the same day a year earlier ends
        assert span.start == trailing_year(year_earlier(day)).end
        times = sum(
            gift_day in span for gift_day in given_on if abs(gift_day.year - day.year) <= 1
        )
        assert times == 1 if every_year else times <= 1


@given(DAYS, MONTHS)
def test_a_year_earlier_keeps_the_order_of_days_and_whole_fiscal_years(
    day: date, start_month: int
) -> None:
    assert year_earlier(day) <= year_earlier(day + timedelta(days=1))
    year = fiscal_span(fiscal_year(day, start_month), start_month)
    assert year.year_before() == fiscal_span(fiscal_year(day, start_month) - 1, start_month)
    assert trailing_year(year.last) == year


@pytest.mark.parametrize("day", [days.EARLIEST, date(2026, 11, 23), days.LATEST])
def test_a_day_that_can_be_meant(day: date) -> None:
    days.check_day(day)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date.min, "0001"),
        (days.EARLIEST - timedelta(days=1), "1899"),
        (days.LATEST + timedelta(days=1), "2200"),
        (date.max, "9999"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused_with_its_year(day: date, year: str) -> None:
    with pytest.raises(InvalidError, match=f"^The year {year} cannot be right"):
        days.check_day(day)
