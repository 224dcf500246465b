"""Monthly support and how far it is to the goal. Pure."""

from fractions import Fraction

YEAR = 12


def a_month(year_minor: int) -> int:
    """Return a twelfth of a year's minor units, half to even; never less than nothing.

    A year may hold the reversal of a gift from before it.
    """
    return max(0, round(Fraction(year_minor, YEAR)))


def share(support: int, goal: int) -> float | None:
    """Return the part of the goal (1.0 = reached) that is there, or None without a goal."""
    return support / goal if goal > 0 else None
