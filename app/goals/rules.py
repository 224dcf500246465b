"""Rules of monthly support and its share of the goal. Pure functions."""

from fractions import Fraction

YEAR = 12


def monthly_average(year_minor: int) -> int:
    """Return a twelfth of a year's minor units, rounded half to even and at least 0.

    A year may be negative, by the reversal of a gift from before it.
    """
    return max(0, round(Fraction(year_minor, YEAR)))


def share(support: int, goal: int) -> float | None:
    """Return support ÷ goal (1.0 = reached), or None without a goal."""
    return support / goal if goal > 0 else None
