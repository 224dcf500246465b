"""The days of a task that repeats."""

from datetime import date

import pytest

from app.db.models.work import REPEATS
from app.tasks import rules


@pytest.mark.parametrize(
    ("repeats", "start", "after", "following"),
    [
        ("weekly", date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 7)),
        ("weekly", date(2026, 11, 30), date(2026, 12, 10), date(2026, 12, 14)),
        ("monthly", date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 28)),
        ("monthly", date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)),
        ("quarterly", date(2026, 11, 30), date(2026, 11, 30), date(2027, 2, 28)),
        ("quarterly", date(2026, 11, 30), date(2027, 2, 28), date(2027, 5, 30)),
        ("annual", date(2028, 2, 29), date(2028, 2, 29), date(2029, 2, 28)),
        ("annual", date(2028, 2, 29), date(2031, 3, 1), date(2032, 2, 29)),
        ("annual", date(2199, 6, 1), date(2199, 6, 1), None),
    ],
    ids=str,
)
def test_the_next_day(repeats: str, start: date, after: date, following: date | None) -> None:
    assert rules.next_day(repeats, start, after=after) == following


def test_the_database_knows_the_same_steps() -> None:
    assert rules.REPEATS == REPEATS
