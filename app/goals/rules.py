"""Monthly support and how far it is to the goal. Pure."""

from collections.abc import Iterable
from fractions import Fraction

from app.kit.cadence import monthly_equivalent

YEAR = 12


def pledged_a_month(promises: Iterable[tuple[str, int]]) -> int:
    """Return the minor units a month of promises given as (frequency, sum of amounts)."""
    whole = sum((monthly_equivalent(amount, often) for often, amount in promises), Fraction(0))
    return round(whole)


def one_time_a_month(year_minor: int) -> int:
    """Return a twelfth of a year's gifts without a promise, net of reversals, half to even."""
    return round(Fraction(year_minor, YEAR))


def share(support: int, goal: int) -> float | None:
    """Return the part of the goal (1.0 = reached) that is there, or None without a goal."""
    return support / goal if goal > 0 else None
