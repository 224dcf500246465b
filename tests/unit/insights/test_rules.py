"""Spans, retention, gains and losses, growth and the share of a goal."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.goals import rules as goals
from app.insights.rules import (
    Change,
    Period,
    Sums,
    average,
    donors,
    gains_and_losses,
    gift_retention,
    growth,
    new_retention,
    repeat_retention,
    retention,
    shared,
    spans,
)
from app.kit.dates.days import Span

SUMS = {
    Change.UP: Sums(donors=2, before=100, now=150, first_time=1),
    Change.SAME: Sums(donors=1, before=50, now=50),
    Change.DOWN: Sums(donors=1, before=80, now=20, first_time=1),
    Change.LAPSED_NEW: Sums(donors=3, before=90, first_time=3),
    Change.LAPSED: Sums(donors=1, before=40),
    Change.NEW: Sums(donors=4, now=300, first_time=4),
    Change.BACK: Sums(donors=1, now=10),
}


@pytest.mark.parametrize(
    ("period", "before", "now"),
    [
        ("12 months", ("2024-11-24", "2025-11-24"), ("2025-11-24", "2026-11-24")),
        ("this year", ("2025-07-01", "2025-11-24"), ("2026-07-01", "2026-11-24")),
        ("last year", ("2024-07-01", "2025-07-01"), ("2025-07-01", "2026-07-01")),
    ],
)
def test_spans(period: str, before: tuple[str, str], now: tuple[str, str]) -> None:
    periods = spans(Period(period), date(2026, 11, 23), 7)
    assert periods == tuple(Span(*map(date.fromisoformat, days)) for days in (before, now))


def test_the_four_kinds_of_retention() -> None:
    assert retention(SUMS) == 4 / 8
    assert gift_retention(SUMS) == 220 / 360
    assert new_retention(SUMS) == 2 / 5
    assert repeat_retention(SUMS) == 2 / 3
    assert donors(SUMS, [Change.NEW, Change.CORRECTED]) == 4


def test_retention_without_earlier_donors_is_none() -> None:
    only_new = {Change.NEW: Sums(donors=4, now=300, first_time=4)}
    shares = [
        rule(only_new) for rule in (retention, gift_retention, new_retention, repeat_retention)
    ]
    assert shares == [None] * 4


MONEY = st.integers(0, 10**9)


@given(MONEY, MONEY, MONEY, MONEY, st.integers(-(10**9), 10**9), MONEY, MONEY)
def test_gains_minus_losses_is_the_change(
    up: int, extra: int, down: int, lapsed: int, corrected: int, new: int, back: int
) -> None:
    sums = {
        Change.UP: Sums(1, up, up + extra),
        Change.DOWN: Sums(1, down + extra, down),
        Change.LAPSED: Sums(1, lapsed, 0),
        Change.NEW: Sums(1, 0, new),
        Change.BACK: Sums(1, 0, back),
        Change.CORRECTED: Sums(1, 0, corrected),
    }
    gains, losses = gains_and_losses(sums)
    assert gains >= 0
    assert losses >= 0
    assert gains - losses == sum(
        change_sums.now - change_sums.before for change_sums in sums.values()
    )


@pytest.mark.parametrize(
    ("now", "before", "share"), [(108, 100, 0.08), (50, 100, -0.5), (5, 0, None), (5, -3, None)]
)
def test_growth(now: int, before: int, share: float | None) -> None:
    assert growth(now, before) == share


@pytest.mark.parametrize(("year", "month"), [(1200, 100), (18, 2), (6, 0), (30, 2), (0, 0)])
def test_the_monthly_average_is_rounded_half_to_even(year: int, month: int) -> None:
    assert goals.monthly_average(year) == month


@pytest.mark.parametrize(
    ("support", "goal", "share"), [(50, 200, 0.25), (300, 200, 1.5), (50, 0, None)]
)
def test_share_of_the_goal(support: int, goal: int, share: float | None) -> None:
    assert goals.share(support, goal) == share


def test_the_average_is_of_those_who_give_now() -> None:
    # (150 + 50 + 20 + 300 + 10) / (2 + 1 + 1 + 4 + 1) = 530 / 9 = 58.9
    assert average(SUMS) == 59
    assert average({Change.NEW: Sums(donors=2, now=5)}) == 3, "2.5 is rounded up"
    assert average({Change.LAPSED: Sums(donors=1, before=40)}) is None


def test_what_is_shared_brings_the_sums_to_each_gift_once() -> None:
    # 100 + 50 + 80 + 90 + 40 = 360 before, 530 now
    assert shared(SUMS, 350, 530) == Sums(before=-10, now=0)
