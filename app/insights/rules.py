"""What is compared with what, and what a donor's change is called. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kit.days import (
    Span,
    fiscal_span,
    fiscal_to_date,
    fiscal_year,
    months_after,
    trailing_year,
)


class Period(StrEnum):
    """The days a dashboard looks at; each is compared with as many days before."""

    TWELVE_MONTHS = "12 months"
    FISCAL_YEAR = "this year"
    LAST_FISCAL_YEAR = "last year"


class Change(StrEnum):
    """What became of a donor from one period to the next."""

    NEW = "new"
    BACK = "back"
    UP = "up"
    SAME = "same"
    DOWN = "down"
    LAPSED_NEW = "lapsed new"
    LAPSED = "lapsed"


GAINS = (Change.NEW, Change.BACK, Change.UP)
LOSSES = (Change.DOWN, Change.LAPSED_NEW, Change.LAPSED)
KEPT = (Change.UP, Change.SAME, Change.DOWN)


@dataclass(frozen=True, slots=True)
class Sums:
    """Donors of one kind of change and what they gave before (g1) and now (g2), minor units.

    `gave` are those with g1 > 0, `gives` those with g2 > 0, `fresh` those of `gave` whose first
    gift was in P1. `gave_minor` is what those with g1 > 0 gave before, `kept_minor` what those
    of them with g2 > 0 give now.
    """

    donors: int = 0
    before: int = 0
    now: int = 0
    gave: int = 0
    gives: int = 0
    fresh: int = 0
    gave_minor: int = 0
    kept_minor: int = 0


def spans(period: Period, today: date, start_month: int) -> tuple[Span, Span]:
    """Return the days before (P1) and the days now (P2), equally long."""
    if period == Period.FISCAL_YEAR:
        now = fiscal_to_date(today, start_month)
        return now.year_before(), now
    if period == Period.LAST_FISCAL_YEAR:
        year = fiscal_year(today, start_month) - 1
        return fiscal_span(year - 1, start_month), fiscal_span(year, start_month)
    now = trailing_year(today)
    return Span(months_after(now.start, -12), now.start), now


def retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return |D1 and D2| / |D1|: the share of those who gave before that gave again."""
    gave = sum(one.gave for one in sums.values())
    return sum(sums.get(one, Sums()).gives for one in KEPT) / gave if gave else None


def gift_retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return Σg2 of those who gave in both periods / Σg1 of all who gave before."""
    gave = sum(one.gave_minor for one in sums.values())
    return sum(one.kept_minor for one in sums.values()) / gave if gave else None


def new_retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return the share that gave again of those whose first gift was in P1."""
    fresh = sum(one.fresh for one in sums.values())
    return 1 - sums.get(Change.LAPSED_NEW, Sums()).donors / fresh if fresh else None


def repeat_retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return the share that gave again of those who gave in P1 and before."""
    repeat = sum(one.gave - one.fresh for one in sums.values())
    return 1 - sums.get(Change.LAPSED, Sums()).donors / repeat if repeat else None


def growth(now: int, before: int) -> float | None:
    """Return how much more (0.08 = 8 %) than before, or None when nothing came in before."""
    return (now - before) / before if before > 0 else None
